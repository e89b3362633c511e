"""How fast a model translates on this machine, setting by setting: what `dragoman bench` prints."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dragoman.models.catalog import ModelFolder
from dragoman.models.ctranslate2_backend import load
from dragoman.models.division import Division, candidates, choose
from dragoman.models.engine import Decoding
from dragoman.models.machine import n_cores
from dragoman.translate.job import submit
from dragoman.translate.translation import DEFAULT_BATCH_TOKENS, DEFAULT_BEAM

COMPUTE_TYPES = ("int8", "float32")
BEAMS = (1, 2, 4, 8)
BATCH_TOKENS = (256, 1024, 4096)
_CLEARLY = 1.05


@dataclass(frozen=True, slots=True)
class Setting:
    """How an engine is run."""

    division: Division
    compute_type: str = "int8"
    beam: int = DEFAULT_BEAM
    batch_tokens: int = DEFAULT_BATCH_TOKENS


@dataclass(frozen=True, slots=True)
class Rate:
    """What was measured with one setting.

    Attributes:
        setting: how the engine was run.
        tokens_per_s: source tokens a second, by the clock, loading not counted.
        sentences_per_s: sentences a second.
    """

    setting: Setting
    tokens_per_s: float
    sentences_per_s: float


def measure_divisions(
    folder: ModelFolder, sentences: Sequence[str], *, threads: int = 0, seconds: float = 2.0
) -> Iterator[Rate]:
    """Measure each division of the threads into workers, that of the rule first, twice over.

    Args:
        folder: the model.
        sentences: what to translate, again and again.
        threads: threads in all, 0 for every core.
        seconds: how long to measure a setting at least.

    Raises:
        ModelError: the model cannot be run with CTranslate2.
    """
    for _ in range(2):  # in turns, so that a busy minute does not hit one of them alone
        for division in candidates(threads or n_cores()):
            yield _measure(folder, sentences, Setting(division), seconds)


def fastest(rates: Sequence[Rate]) -> Division:
    """Return the fastest division by each one's best rate; the first stays unless another is clearly faster.

    Other work on the machine only ever slows a measurement down, so the best of several is the truest.
    """
    best: dict[Division, float] = {}
    for rate in rates:
        division = rate.setting.division
        best[division] = max(best.get(division, 0.0), rate.tokens_per_s)
    first, winner = next(iter(best)), max(best, key=lambda division: best[division])
    return winner if best[winner] > _CLEARLY * best[first] else first


def measure_choices(
    folder: ModelFolder, sentences: Sequence[str], *, threads: int = 0, seconds: float = 2.0
) -> Iterator[Rate]:
    """Measure what is the user's to choose because it changes outputs: compute type, beam, batch size.

    One at a time, the others as they are by default. Arguments and errors as in `measure_divisions`.
    """
    default = Setting(choose(folder.digest, threads))
    settings = [
        *(replace(default, compute_type=kind) for kind in COMPUTE_TYPES),
        *(replace(default, beam=beam) for beam in BEAMS),
        *(replace(default, batch_tokens=size) for size in BATCH_TOKENS),
    ]
    for setting in dict.fromkeys(settings):
        yield _measure(folder, sentences, setting, seconds)


def _measure(folder: ModelFolder, sentences: Sequence[str], setting: Setting, seconds: float) -> Rate:
    engine = load(folder, "cpu", setting.compute_type, 0, "ar", "en", division=setting.division)
    rows = [row for row in engine.tokenise(sentences) if 1 < len(row) <= engine.info.max_src_tokens]
    decoding = Decoding(beam=setting.beam)

    def go_through() -> None:
        for _, answer in submit(engine, rows, decoding, setting.batch_tokens):
            answer.result()

    go_through()  # the first time allocates
    n_rounds, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        go_through()
        n_rounds += 1
    n_tokens = sum(map(len, rows))
    return Rate(setting, n_rounds * n_tokens / spent, n_rounds * len(rows) / spent)
