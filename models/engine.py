"""What a translation engine is, and how one is chosen and loaded.

An engine turns source tokens into hypotheses; everything else (bypass, cutting, batching, retries) is done
above it, the same for every engine. `load` picks CTranslate2 where the model converts, and Transformers else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from dragoman.errors import ModelError
from dragoman.models.catalog import DEFAULT_MODEL, ModelFolder, resolve

BACKENDS = ("auto", "ctranslate2", "transformers")
Tokens = list[str]


@dataclass(frozen=True, slots=True)
class Decoding:
    """How target tokens are searched for; every value is given to the back end explicitly.

    Attributes:
        beam: hypotheses kept at each step; 1 is greedy.
        length_penalty: hypotheses are ranked by log-probability / length ** length_penalty (Wu et al. 2016
            use a near relative).
        no_repeat_ngram: no n-gram of this many tokens occurs twice; 0 for no such limit.
        repetition_penalty: by what the scores of tokens already produced are worsened (Keskar et al.
            2019, "CTRL"); 1 is none. CTranslate2 does so to logits and Transformers, in beam search, to
            log-probabilities, so that with it their answers may differ.
        max_tgt_tokens: the search ends here, end-of-sentence not included; the caller checks who reached it.
    """

    beam: int = 4
    length_penalty: float = 1.0
    no_repeat_ngram: int = 0
    repetition_penalty: float = 1.0
    max_tgt_tokens: int = 255

    def __post_init__(self) -> None:
        if (
            self.beam < 1
            or self.max_tgt_tokens < 1
            or self.no_repeat_ngram < 0
            or self.repetition_penalty < 1
        ):
            raise ValueError(f"impossible decoding parameters: {self}")


@dataclass(frozen=True, slots=True)
class RawHypothesis:
    """What an engine answers for one sentence.

    Attributes:
        text: the translation.
        tokens: the target tokens without control tokens.
        logprob: sum of the natural-log probabilities of the tokens, end-of-sentence included when it was
            reached.
        n_tokens: tokens produced, end-of-sentence included when it was reached.
        is_finished: whether the model ended the sentence itself, before the limit.
    """

    text: str
    tokens: tuple[str, ...]
    logprob: float
    n_tokens: int
    is_finished: bool


class Pending(Protocol):
    """A batch under way."""

    def result(self) -> list[RawHypothesis]:
        """Wait for the batch and return a hypothesis a sentence, in the batch's order."""
        ...


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What a report says about an engine, and what a cache key must hold.

    Attributes:
        model: the model's name.
        digest: SHA-256 over the model's files.
        backend: "ctranslate2" or "transformers".
        device: "cpu" or "cuda".
        compute_type: "int8", "float32", "float16" …
        version: the back end's version.
        max_src_tokens: longest input, end-of-sentence included.
        max_positions: most tokens that either side may have.
        n_workers: batches translated at the same time.
        n_threads: threads of each worker.
        notice: what a user should be told once.
    """

    model: str
    digest: str
    backend: str
    device: str
    compute_type: str
    version: str
    max_src_tokens: int
    max_positions: int
    n_workers: int = 1
    n_threads: int = 1
    notice: str = ""


class Translator(Protocol):
    """A loaded model."""

    @property
    def info(self) -> EngineInfo:
        """What was loaded."""
        ...

    def tokenise(self, sentences: Sequence[str]) -> list[Tokens]:
        """Return the tokens that the model would be given for each sentence, control tokens included."""
        ...

    def submit(self, batch: Sequence[Tokens], decoding: Decoding) -> Pending:
        """Start translating a batch; its sentences should be of about the same length.

        Nothing is cut: a sentence longer than `info.max_positions` raises ValueError.
        """
        ...

    def encode_target(self, text: str) -> Tokens:
        """Return the tokens of a text on the target side, without control tokens."""
        ...

    def score(self, sources: Sequence[Tokens], targets: Sequence[Tokens]) -> list[float]:
        """Return the mean log-probability of the tokens of each target, end of sentence included.

        Args:
            sources: tokens as `tokenise` gives them.
            targets: tokens as `encode_target` gives them, as many lists.
        """
        ...


@runtime_checkable
class Completing(Protocol):
    """A translator that can go on from a given beginning of a translation (CTranslate2 can)."""

    def tokenise(self, sentences: Sequence[str]) -> list[Tokens]:
        """Return the tokens that the model would be given for each sentence."""
        ...

    def encode_target(self, text: str) -> Tokens:
        """Return the tokens of a text on the target side, without control tokens."""
        ...

    def complete(
        self, source: Tokens, beginnings: Sequence[Tokens], *, beam: int, max_tgt_tokens: int
    ) -> list[RawHypothesis]:
        """Translate one sentence once for each given beginning of its translation."""
        ...

    def alternatives(self, source: Tokens, *, n: int, max_tgt_tokens: int) -> list[RawHypothesis]:
        """Return the `n` most probable translations that a beam of that size finds."""
        ...


def load(
    model: str | Path | ModelFolder = DEFAULT_MODEL,
    *,
    backend: str = "auto",
    device: str = "auto",
    compute_type: str = "auto",
    threads: int = 0,
    src_lang: str = "ar",
    tgt_lang: str = "en",
    step: Callable[[str], None] | None = None,
) -> Translator:
    """Load a model; the first load with CTranslate2 converts it into the user's cache.

    Args:
        model: see `dragoman.models.catalog.resolve`.
        backend: "ctranslate2", "transformers", or "auto": CTranslate2, and Transformers where the model does
            not convert.
        device: "cpu", "cuda", or "auto": cuda where the back end sees one.
        compute_type: "int8", "float32", "float16", "bfloat16"; "auto" is int8 for CTranslate2 on a CPU,
            float32 for Transformers on a CPU, float16 on a GPU.
        threads: CPU threads in all; 0 for every core that this process may use.
        src_lang: language of the source, "ar" or "en".
        tgt_lang: language of the target.
        step: told in a few words when something takes longer, such as the conversion at first use.

    Raises:
        ModelError: the model or the back end cannot be used here.
    """
    if backend not in BACKENDS:
        raise ModelError(f"unknown back end {backend!r}; expected one of {', '.join(BACKENDS)}")
    folder = model if isinstance(model, ModelFolder) else resolve(model)
    _check_languages(folder, src_lang, tgt_lang)
    if backend in ("auto", "ctranslate2"):
        from dragoman.models import ctranslate2_backend

        try:
            return ctranslate2_backend.load(folder, device, compute_type, threads, src_lang, tgt_lang, step)
        except ctranslate2_backend.DoesNotConvertError:
            if backend == "ctranslate2":
                raise
    from dragoman.models import transformers_backend

    return transformers_backend.load(folder, device, compute_type, threads, src_lang, tgt_lang)


def translate_tokens(
    translator: Translator, sentences: Sequence[str], decoding: Decoding
) -> list[RawHypothesis]:
    """Translate a few sentences as one batch, with nothing around it: for self-tests and experiments."""
    return translator.submit(translator.tokenise(sentences), decoding).result()


def _check_languages(folder: ModelFolder, src_lang: str, tgt_lang: str) -> None:
    entry = folder.entry
    if entry is None:
        return
    for lang, known in ((src_lang, entry.src_langs), (tgt_lang, entry.tgt_langs)):
        if lang not in known and "mul" not in known:
            raise ModelError(
                f"model {entry.name} translates {'/'.join(entry.src_langs)} to {'/'.join(entry.tgt_langs)}, "
                f"not {src_lang} to {tgt_lang}"
            )
