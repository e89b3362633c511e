"""Texts through a model: what bypasses it, what is cut, in which batches, what is doubted and tried again.

`translate` takes a whole job and sorts it by length; `translate_stream` does the same in windows, so that
memory stays flat and the order is kept while the engine is never without work. For both:

- identical segments are translated once;
- a segment that is too long is cut at soft boundaries and rejoined (flag "split");
- an answer that is empty, loops or hits the decoding limit is asked for again without repeated trigrams
  (flag "retried"); if it is still doubtful it carries an error flag "empty", "loop" or "limit";
- URLs, addresses and handles inside a sentence are kept byte for byte (flag "verbatim" where that took
  pieces).
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path

from dragoman.corpora.normalisation import defuse_control_tokens, for_model, restore_control_tokens
from dragoman.models.catalog import DEFAULT_MODEL
from dragoman.models.engine import Decoding, Pending, RawHypothesis, Tokens, Translator, load
from dragoman.translate import verbatim
from dragoman.translate.batching import batches, max_tgt_tokens
from dragoman.translate.bypass import bypass
from dragoman.translate.doubts import doubt
from dragoman.translate.oversized import pieces_of, rejoin
from dragoman.units import Flag, Hypothesis, Severity

DEFAULT_BEAM = 4
DEFAULT_BATCH_TOKENS = 1024
RETRY_NGRAM = 3
WINDOW = 4096  # segments that a stream holds at a time, twice
_REMEMBERED = 20_000  # answers that a stream keeps for segments that come again

_DOUBTS = {
    "empty": "the model gave no words",
    "loop": "the model repeats itself",
    "limit": "the translation was cut off at the decoding limit",
}


@dataclass(frozen=True, slots=True)
class _Answer:
    """A model's answer to one string, after a second try where one was needed."""

    text: str
    logprob: float
    n_src_tokens: int
    n_tgt_tokens: int
    doubt: str | None = None
    first_doubt: str | None = None


@dataclass(slots=True)
class _Plan:
    """How one segment gets its hypothesis: it is `copy`, or it is put together from the answers to `asks`."""

    text: str
    copy: Hypothesis | None
    asks: list[str]


@dataclass(slots=True)
class _Window:
    plans: list[_Plan]
    batches: list[tuple[list[str], list[Tokens], Pending]]
    answers: dict[str, _Answer]


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
    job = _Job(
        _translator(model, backend, device, compute_type, threads, src_lang, tgt_lang),
        Decoding(beam=beam, length_penalty=length_penalty),
        batch_tokens,
        src_lang,
    )
    return list(job.finish(job.start(texts), progress))


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

    While the engine works on one window of segments, the next is read, planned and queued, and the one before
    is given out. `texts` is consumed; a slow reader of the result slows its reading down. Arguments as in
    `translate`.
    """
    job = _Job(
        _translator(model, backend, device, compute_type, threads, src_lang, tgt_lang),
        Decoding(beam=beam, length_penalty=length_penalty),
        batch_tokens,
        src_lang,
    )
    return job.stream(iter(texts), window, progress)


class _Job:
    """Segments of one job on their way; remembers answers so that nothing is translated twice."""

    def __init__(self, translator: Translator, decoding: Decoding, batch_tokens: int, src_lang: str) -> None:
        self._translator = translator
        self._decoding = decoding
        self._batch_tokens = batch_tokens
        self._src_lang = src_lang
        self._known: OrderedDict[str, _Answer] = OrderedDict()

    def stream(
        self, texts: Iterator[str], window: int, progress: Callable[[int], None] | None
    ) -> Iterator[Hypothesis]:
        under_way: _Window | None = None
        # The first windows are small, so that the first results come soon and the engine starts at once.
        size = min(window, 256)
        while chunk := list(islice(texts, size)):
            following = self.start(chunk)
            if under_way is not None:
                yield from self.finish(under_way, progress)
            under_way = following
            size = min(window, size * 4)
        if under_way is not None:
            yield from self.finish(under_way, progress)

    def start(self, texts: Sequence[str]) -> _Window:
        """Plan segments and queue what the model must be asked."""
        plans = [self._plan(text) for text in texts]
        wanted = dict.fromkeys(ask for plan in plans for ask in plan.asks)
        new = [ask for ask in wanted if ask not in self._known]
        tokens = dict(zip(new, self._translator.tokenise(new), strict=True))
        too_long = {ask: self._cut(ask) for ask, row in tokens.items() if len(row) > self._limit}
        if too_long:
            for plan in plans:
                plan.asks = [piece for ask in plan.asks for piece in too_long.get(ask, [ask])]
            pieces = dict.fromkeys(piece for cuts in too_long.values() for piece in cuts)
            more = [piece for piece in pieces if piece not in tokens and piece not in self._known]
            tokens.update(zip(more, self._translator.tokenise(more), strict=True))
            for ask in too_long:
                del tokens[ask]
        answers = {ask: self._known[ask] for plan in plans for ask in plan.asks if ask in self._known}
        return _Window(plans, self._submit(tokens, self._decoding), answers)

    def finish(self, window: _Window, progress: Callable[[int], None] | None) -> Iterator[Hypothesis]:
        """Wait for a window's answers, ask again where they are doubtful, and put the hypotheses together."""
        report = _Progress(window.plans, progress)
        doubted: dict[str, Tokens] = {}
        for asks, rows, pending in window.batches:
            for ask, row, raw in zip(asks, rows, pending.result(), strict=True):
                answer = self._answer(ask, row, raw)
                window.answers[ask] = answer
                if answer.doubt:
                    doubted[ask] = row
                else:
                    report.done(ask)
        self._ask_again(doubted, window.answers)
        repaired = self._repair(window)
        for ask, answer in window.answers.items():
            self._remember(ask, answer)
        report.rest()
        for plan in window.plans:
            yield repaired.get(plan.text) or self._assemble(plan, window.answers)

    @property
    def _limit(self) -> int:
        info = self._translator.info
        return min(info.max_src_tokens, info.max_positions)

    def _plan(self, text: str) -> _Plan:
        copied = bypass(text, src_lang=self._src_lang)
        if copied is not None:
            return _Plan(text, copied, [])
        ask = defuse_control_tokens(for_model(text, lang=self._src_lang))
        return _Plan(text, None, [ask]) if ask else _Plan(text, Hypothesis(""), [])

    def _cut(self, ask: str) -> list[str]:
        return pieces_of(ask, self._limit, lambda piece: len(self._translator.tokenise([piece])[0]))

    def _submit(
        self, tokens: dict[str, Tokens], decoding: Decoding
    ) -> list[tuple[list[str], list[Tokens], Pending]]:
        asks = list(tokens)
        info = self._translator.info
        found = []
        for batch in batches([len(tokens[ask]) for ask in asks], self._batch_tokens):
            names = [asks[i] for i in batch]
            rows = [tokens[ask] for ask in names]
            limit = max_tgt_tokens(len(rows[0]), info.max_positions)
            found.append(
                (names, rows, self._translator.submit(rows, replace(decoding, max_tgt_tokens=limit)))
            )
        return found

    def _answer(self, ask: str, row: Tokens, raw: RawHypothesis) -> _Answer:
        text = restore_control_tokens(" ".join(raw.text.split()))
        return _Answer(
            text, raw.logprob, len(row), raw.n_tokens, doubt(ask, text, is_finished=raw.is_finished)
        )

    def _ask_again(self, doubted: dict[str, Tokens], answers: dict[str, _Answer]) -> None:
        """Try once more without repeated trigrams; the better of two answers stays, flagged.

        Log-probability alone would choose the loop: each of its tokens is all but certain. So an answer
        without a doubt wins over one with, and the log-probability decides between two of a kind.
        """
        if not doubted:
            return
        for asks, rows, pending in self._submit(
            doubted, replace(self._decoding, no_repeat_ngram=RETRY_NGRAM)
        ):
            for ask, row, raw in zip(asks, rows, pending.result(), strict=True):
                first, second = answers[ask], self._answer(ask, row, raw)
                is_better = (second.doubt is None, second.doubt != "empty", second.logprob) > (
                    first.doubt is None,
                    first.doubt != "empty",
                    first.logprob,
                )
                answers[ask] = replace(second if is_better else first, first_doubt=first.doubt)

    def _repair(self, window: _Window) -> dict[str, Hypothesis]:
        """Translate anew, around the spans to keep, the segments in which a span did not survive."""
        broken: dict[str, list[verbatim.Stretch]] = {}
        for plan in window.plans:
            if plan.asks and plan.text not in broken and verbatim.spans(plan.text):
                text = rejoin(plan.asks, [window.answers[ask].text for ask in plan.asks])
                if not verbatim.survives(plan.text, text):
                    broken[plan.text] = verbatim.split(plan.text)
        if not broken:
            return {}
        cores = dict.fromkeys(
            verbatim.core(part.text) for parts in broken.values() for part in parts if not part.is_verbatim
        )
        inner = self.start([core for core in cores if core])
        around = {plan.text: hyp for plan, hyp in zip(inner.plans, self._finish_plain(inner), strict=True)}
        return {text: _around(parts, around) for text, parts in broken.items()}

    def _finish_plain(self, window: _Window) -> list[Hypothesis]:
        """Finish a window of stretches that hold no spans to keep."""
        doubted: dict[str, Tokens] = {}
        for asks, rows, pending in window.batches:
            for ask, row, raw in zip(asks, rows, pending.result(), strict=True):
                window.answers[ask] = self._answer(ask, row, raw)
                if window.answers[ask].doubt:
                    doubted[ask] = row
        self._ask_again(doubted, window.answers)
        return [self._assemble(plan, window.answers) for plan in window.plans]

    def _assemble(self, plan: _Plan, answers: dict[str, _Answer]) -> Hypothesis:
        if plan.copy is not None:
            return plan.copy
        parts = [answers[ask] for ask in plan.asks]
        if len(parts) == 1 and parts[0].first_doubt is None:
            only = parts[0]
            return Hypothesis(
                only.text,
                logprob=only.logprob,
                n_src_tokens=only.n_src_tokens,
                n_tgt_tokens=only.n_tgt_tokens,
            )
        return Hypothesis(
            rejoin(plan.asks, [part.text for part in parts]),
            logprob=sum(part.logprob for part in parts),
            n_src_tokens=sum(part.n_src_tokens for part in parts),
            n_tgt_tokens=sum(part.n_tgt_tokens for part in parts),
            flags=_flags(parts),
        )

    def _remember(self, ask: str, answer: _Answer) -> None:
        self._known[ask] = answer
        self._known.move_to_end(ask)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


class _Progress:
    """Counts segments as the last of their answers comes in."""

    def __init__(self, plans: list[_Plan], callback: Callable[[int], None] | None) -> None:
        self._callback = callback
        self._n_left = len(plans)
        self._n_users: dict[str, int] = {}
        for plan in plans if callback is not None else []:
            if len(plan.asks) == 1:
                self._n_users[plan.asks[0]] = self._n_users.get(plan.asks[0], 0) + 1

    def done(self, ask: str) -> None:
        if self._callback is not None and (n := self._n_users.pop(ask, 0)):
            self._n_left -= n
            self._callback(n)

    def rest(self) -> None:
        if self._callback is not None and self._n_left:
            self._callback(self._n_left)


def _around(parts: list[verbatim.Stretch], around: dict[str, Hypothesis]) -> Hypothesis:
    """Put a sentence together from spans that were kept and what stands around them."""
    cores = [verbatim.core(part.text) for part in parts if not part.is_verbatim]
    asked = [around[core] for core in cores if core and around[core].logprob is not None]
    flags = {flag.kind: flag for hyp in asked for flag in hyp.flags}
    n_spans = sum(part.is_verbatim for part in parts)
    flags["verbatim"] = Flag(
        "verbatim",
        Severity.INFO,
        f"{n_spans} URLs, addresses or foreign words kept as they are; the rest was translated in pieces",
    )
    return Hypothesis(
        verbatim.join(parts, {core: hyp.text for core, hyp in around.items()}),
        logprob=sum(hyp.logprob or 0.0 for hyp in asked) if asked else None,
        n_src_tokens=sum(hyp.n_src_tokens for hyp in asked),
        n_tgt_tokens=sum(hyp.n_tgt_tokens for hyp in asked),
        flags=tuple(flags.values()),
    )


def _flags(parts: list[_Answer]) -> tuple[Flag, ...]:
    flags = []
    if len(parts) > 1:
        flags.append(
            Flag("split", Severity.WARNING, f"longer than the model takes: translated in {len(parts)} pieces")
        )
    first_doubts = dict.fromkeys(part.first_doubt for part in parts if part.first_doubt)
    if first_doubts:
        reasons = "; ".join(_DOUBTS[kind] for kind in first_doubts)
        flags.append(Flag("retried", Severity.WARNING, f"translated again because {reasons}"))
    flags += [
        Flag(kind, Severity.ERROR, _DOUBTS[kind] + ", also when tried again")
        for kind in dict.fromkeys(part.doubt for part in parts if part.doubt)
    ]
    return tuple(flags)


def _translator(
    model: str | Path | Translator,
    backend: str,
    device: str,
    compute_type: str,
    threads: int,
    src_lang: str,
    tgt_lang: str,
) -> Translator:
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
