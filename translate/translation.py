"""Texts through a model: what bypasses it, what is cut, what is doubted and tried again.

`translate` takes a whole job and sorts it by length; `translate_stream` does the same in windows, so that
memory stays flat and the order is kept while the engine is never without work. For both:

- identical segments are translated once;
- a segment that is too long is cut at soft boundaries and rejoined (flag "split");
- an answer that is empty, loops or hits the decoding limit is asked for again, repetition made harder
  (flag "retried"); if it is still doubtful it carries an error flag "empty", "loop" or "limit";
- URLs, addresses and handles inside a sentence are kept byte for byte (flag "verbatim" where that took
  pieces).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from dragoman.models.catalog import DEFAULT_MODEL
from dragoman.models.engine import Decoding, Translator, load
from dragoman.translate.job import Job, Running
from dragoman.units import Hypothesis

DEFAULT_BEAM = 4
DEFAULT_BATCH_TOKENS = 1024
WINDOW = 2048  # most segments in a window of a stream; it holds three windows, or some more


def translate(
    texts: Sequence[str],
    *,
    model: str | Path | Translator = DEFAULT_MODEL,
    backend: str = "auto",
    device: str = "auto",
    compute_type: str = "auto",
    threads: int = 0,
    beam: int = DEFAULT_BEAM,
    length_penalty: float = 1.0,
    batch_tokens: int = DEFAULT_BATCH_TOKENS,
    src_lang: str = "ar",
    tgt_lang: str = "en",
    progress: Callable[[int], None] | None = None,
) -> list[Hypothesis]:
    """Translate segments, one hypothesis each, in order.

    Args:
        texts: segments, best one sentence each; blank ones stay blank.
        model: catalogue name, folder, hub id, or a translator that was loaded before; a model that is named
            is kept loaded for the next call.
        backend: "auto", "ctranslate2" or "transformers".
        device: "auto", "cpu" or "cuda".
        compute_type: "auto", "int8", "float32", "float16", "bfloat16".
        threads: CPU threads in all, 0 for every core.
        beam: beam size, 1 for greedy search.
        length_penalty: exponent of the length by which hypotheses' log-probabilities are divided.
        batch_tokens: most source tokens in a batch, padding included.
        src_lang: language of the texts.
        tgt_lang: language of the translations.
        progress: told how many further segments are done, from the calling thread.

    Raises:
        ModelError: the model cannot be used.
    """
    if isinstance(texts, str):
        raise TypeError("translate takes a sequence of segments, not one string")
    job = Job(
        translator_of(model, backend, device, compute_type, threads, src_lang, tgt_lang),
        Decoding(beam=beam, length_penalty=length_penalty),
        batch_tokens,
        src_lang,
    )
    return Running(job.work(texts, progress)).result()


def translate_stream(
    texts: Iterable[str],
    *,
    model: str | Path | Translator = DEFAULT_MODEL,
    backend: str = "auto",
    device: str = "auto",
    compute_type: str = "auto",
    threads: int = 0,
    beam: int = DEFAULT_BEAM,
    length_penalty: float = 1.0,
    batch_tokens: int = DEFAULT_BATCH_TOKENS,
    src_lang: str = "ar",
    tgt_lang: str = "en",
    window: int = WINDOW,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Hypothesis]:
    """Translate a stream of segments in order, with memory that does not grow.

    While the engine works on one window of segments, the next is read, planned and queued, and those before
    are put together and given out. `texts` is consumed; a slow reader of the result slows its reading down.
    Arguments as in `translate`.
    """
    job = Job(
        translator_of(model, backend, device, compute_type, threads, src_lang, tgt_lang),
        Decoding(beam=beam, length_penalty=length_penalty),
        batch_tokens,
        src_lang,
    )
    return job.stream(iter(texts), window, progress)


def translator_of(
    model: str | Path | Translator,
    backend: str,
    device: str,
    compute_type: str,
    threads: int,
    src_lang: str,
    tgt_lang: str,
) -> Translator:
    """Return a translator as `translate` takes it: the one given, or a model loaded and kept."""
    if not isinstance(model, str | Path):
        return model
    return _loaded(model, backend, device, compute_type, threads, src_lang, tgt_lang)


@lru_cache(maxsize=2)
def _loaded(
    model: str | Path,
    backend: str,
    device: str,
    compute_type: str,
    threads: int,
    src_lang: str,
    tgt_lang: str,
) -> Translator:
    return load(
        model,
        backend=backend,
        device=device,
        compute_type=compute_type,
        threads=threads,
        src_lang=src_lang,
        tgt_lang=tgt_lang,
    )
