"""Golden sentences: does a model that was loaded, converted or quantised still translate as it should?

Weight-tying mistakes have more than once turned good translation models into noise without any error
(transformers#45005, #48154). So a converted model is compared with Transformers in float32 on a few
sentences, in two ways:

- teacher forcing: the log-probability a token that it gives the expected translation (not the one that it
  would find) may not differ by more than `MAX_LOGPROB_GAP`; quantisation moves it a little, a broken model by
  whole units;
- greedy output: the share of tokens in common with the expected output, at least `MIN_AGREEMENT`. Quantised
  models take another turn at close calls, weak models more often, hence the low bar for int8.

The expected outputs of the bundled model are kept in models/golden.toml with the digest of the weights that
gave them, and Transformers itself is held against them too; for every other model they are computed by
Transformers when the model is converted.
"""

import difflib
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dragoman.errors import ModelError
from dragoman.models.division import Division
from dragoman.models.tokenisation import load_tokeniser

if TYPE_CHECKING:
    from dragoman.models.catalog import ModelFolder

GOLDEN_FILE = Path(__file__).resolve().parent / "golden.toml"
MAX_TGT_TOKENS = 60
# Log-probability units a token. Measured on the starter model: float32 < 0.0001, int8 0.01-0.04; embeddings
# that are not tied: > 5.
MAX_LOGPROB_GAP = {"float32": 0.05, "float16": 0.05, "bfloat16": 0.15, "int8": 0.25, "int8_float16": 0.25}
MIN_AGREEMENT = {"float32": 0.95, "float16": 0.85, "bfloat16": 0.6, "int8": 0.4, "int8_float16": 0.4}
# Six plain sentences of our own, of different lengths.
SENTENCES = (
    "صباح الخير.",
    "وصل الوزير إلى القاهرة يوم الاثنين.",
    "قالت الشركة إن أرباحها ارتفعت بنسبة 12 في المئة خلال العام الماضي.",
    "أين تقع المكتبة الوطنية؟",
    "يعيش في المدينة أكثر من مليوني نسمة، ويعمل معظمهم في التجارة والصناعة.",
    "افتتح المتحف أبوابه أمام الزوار بعد أعمال ترميم استمرت ثلاث سنوات.",
)


@dataclass(frozen=True, slots=True)
class Golden:
    """A sentence and what the model makes of it.

    Attributes:
        src: source sentence.
        tokens: greedy output of Transformers in float32, without control tokens, at most `MAX_TGT_TOKENS`.
        logprob: its log-probability, end-of-sentence included when it was reached.
        is_finished: whether the end of sentence was reached.
    """

    src: str
    tokens: tuple[str, ...]
    logprob: float
    is_finished: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """How near a converted model is to Transformers in float32.

    Attributes:
        logprob_gap: mean absolute difference of the log-probability a token under teacher forcing.
        token_agreement: mean share of greedy output tokens in common, in [0, 1].
        n_sentences: golden sentences compared.
    """

    logprob_gap: float
    token_agreement: float
    n_sentences: int

    def as_dict(self) -> dict[str, float | int]:
        """Return the figures for a report."""
        return asdict(self)


def expected(folder: "ModelFolder") -> list[Golden]:
    """Return the golden sentences for these very weights: kept, or computed by Transformers."""
    return kept(folder) or compute(folder)


def kept(folder: "ModelFolder") -> list[Golden]:
    """Return the golden sentences of models/golden.toml, [] when there are none for these weights."""
    try:
        table = tomllib.loads(GOLDEN_FILE.read_text(encoding="utf-8")).get(folder.name, {})
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"the golden sentences {GOLDEN_FILE} cannot be read: {error}") from error
    if table.get("digest") != folder.digest:
        return []
    return [
        Golden(row["src"], tuple(row["tokens"].split(" ")), row["logprob"], row["finished"])
        for row in table["sentences"]
    ]


def compute(folder: "ModelFolder") -> list[Golden]:
    """Translate the golden sentences with Transformers, greedily, in float32 on the CPU."""
    from dragoman.models import transformers_backend
    from dragoman.models.engine import Decoding, translate_tokens

    translator = transformers_backend.load(folder, "cpu", "float32", 0, "ar", "en")
    limit = min(MAX_TGT_TOKENS, folder.layout.max_positions - 3)
    rows = translate_tokens(translator, SENTENCES, Decoding(beam=1, max_tgt_tokens=limit))
    return [
        Golden(src, row.tokens, row.logprob, row.is_finished)
        for src, row in zip(SENTENCES, rows, strict=True)
    ]


def check_converted(folder: "ModelFolder", converted: Path, quantisation: str) -> Agreement:
    """Compare a converted model with Transformers.

    Raises:
        ModelError: it translates otherwise than it should.
    """
    import ctranslate2

    from dragoman.models.ctranslate2_backend import CTranslate2Translator, describe
    from dragoman.models.engine import Decoding, translate_tokens

    goldens = expected(folder)
    tokeniser = load_tokeniser(folder.path, folder.layout)
    compute_type = _cpu_type(quantisation)
    engine = ctranslate2.Translator(str(converted), device="cpu", compute_type=compute_type)
    # The search goes through the same calls as real work, so that their options are tested too.
    translator = CTranslate2Translator(
        engine, tokeniser, describe(folder, "cpu", compute_type, Division(1, 1))
    )
    sources = tokeniser.encode([row.src for row in goldens])
    prefix = list(tokeniser.tgt_prefix)
    forced = engine.score_batch(sources, [[*prefix, *row.tokens] for row in goldens], max_input_length=0)
    limit = max(len(row.tokens) for row in goldens)
    found = translate_tokens(translator, [row.src for row in goldens], Decoding(beam=1, max_tgt_tokens=limit))
    gaps = [
        abs(sum(score.log_probs[len(prefix) :][: _n_scored(row)]) - row.logprob) / max(1, _n_scored(row))
        for score, row in zip(forced, goldens, strict=True)
    ]
    shares = [_share(row.tokens, result.tokens) for result, row in zip(found, goldens, strict=True)]
    agreement = Agreement(sum(gaps) / len(gaps), sum(shares) / len(shares), len(goldens))
    if (
        agreement.logprob_gap > MAX_LOGPROB_GAP[quantisation]
        or agreement.token_agreement < MIN_AGREEMENT[quantisation]
    ):
        raise ModelError(
            f"model {folder.name} converted to {quantisation} fails its self-test: log-probability off by "
            f"{agreement.logprob_gap:.3f} a token (at most {MAX_LOGPROB_GAP[quantisation]}), "
            f"{agreement.token_agreement:.0%} of the tokens as expected "
            f"(at least {MIN_AGREEMENT[quantisation]:.0%}); use --backend transformers"
        )
    return agreement


def check_transformers(folder: "ModelFolder") -> Agreement | None:
    """Compare what Transformers makes of a model now with what it made when its golden sentences were kept.

    Returns:
        None when no golden sentences are kept for these weights.

    Raises:
        ModelError: this version of Transformers loads the model wrongly.
    """
    goldens = kept(folder)
    if not goldens:
        return None
    now = compute(folder)
    gap = sum(abs(a.logprob - b.logprob) / max(1, _n_scored(a)) for a, b in zip(goldens, now, strict=True))
    share = sum(_share(a.tokens, b.tokens) for a, b in zip(goldens, now, strict=True))
    agreement = Agreement(gap / len(goldens), share / len(goldens), len(goldens))
    if agreement.token_agreement < MIN_AGREEMENT["float32"]:
        raise ModelError(
            f"model {folder.name}: the installed Transformers gives other translations than it should "
            f"({agreement.token_agreement:.0%} of the golden tokens); install the versions in constraints.txt"
        )
    return agreement


def as_toml(name: str, digest: str, goldens: Sequence[Golden]) -> str:
    """Write golden sentences as a section of models/golden.toml."""
    lines = [f"[{_quoted(name)}]", f"digest = {_quoted(digest)}"]
    for row in goldens:
        lines += [
            "",
            f"[[{_quoted(name)}.sentences]]",
            f"src = {_quoted(row.src)}",
            f"tokens = {_quoted(' '.join(row.tokens))}",
            f"logprob = {row.logprob:.4f}",
            f"finished = {str(row.is_finished).lower()}",
        ]
    return "\n".join(lines) + "\n"


def _n_scored(row: Golden) -> int:
    return len(row.tokens) + int(row.is_finished)


def _share(wanted: Sequence[str], found: Sequence[str]) -> float:
    return difflib.SequenceMatcher(None, list(wanted), list(found), autojunk=False).ratio()


def _cpu_type(quantisation: str) -> str:
    # The self-test runs on the CPU also for weights that are meant for a GPU.
    return {"int8": "int8", "int8_float16": "int8", "float32": "float32"}.get(quantisation, "float32")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
