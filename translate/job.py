"""One job's segments on their way through the model.

A window of segments passes stages: its batches are queued; doubtful answers are asked for again; segments in
which a span to keep was broken are translated anew in pieces. Between two stages it must wait for the engine,
so it is a generator that yields there, and a stream advances several windows in turns: what a stage waits for
was queued a turn before, and the batches of a newer window are behind it. So the engine has work while
answers are put together, and while the next segments are read.

Every division into batches depends on the segments alone, never on the clock.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from dragoman.corpora.normalisation import defuse_control_tokens, for_model, restore_control_tokens
from dragoman.models.engine import Decoding, Pending, RawHypothesis, Tokens, Translator
from dragoman.translate import verbatim
from dragoman.translate.batching import batches, max_tgt_tokens
from dragoman.translate.bypass import bypass
from dragoman.translate.doubts import doubt
from dragoman.translate.oversized import pieces_of, rejoin
from dragoman.units import Flag, Hypothesis, Severity

RETRY_NGRAM = 3
RETRY_PENALTY = 1.2  # Keskar et al. 2019 found it a good balance
_REMEMBERED = 20_000  # answers that are kept for segments that come again
_FIRST_WINDOW = 256  # the first results come soon, and the engine starts at once

_DOUBTS = {
    "empty": "the model gave no words",
    "loop": "the model repeats itself",
    "limit": "the translation was cut off at the decoding limit",
}

Work = Generator[None, None, list[Hypothesis]]


@dataclass(frozen=True, slots=True)
class _Answer:
    """A model's answer to one string, after a second try where one was needed."""

    text: str
    logprob: float
    n_src_tokens: int
    n_tgt_tokens: int
    doubt: str | None = None
    first_doubt: str | None = None


@dataclass(slots=True, eq=False)
class _Ask:
    """A string for the model, whoever needs it; `answer` is None until no second try is under way."""

    text: str
    tokens: Tokens
    answer: _Answer | None = None


@dataclass(slots=True)
class _Plan:
    """How one segment gets its hypothesis: it is `copy`, or it is put together from the answers to `asks`."""

    text: str
    copy: Hypothesis | None
    asks: list[_Ask]


@dataclass(frozen=True, slots=True)
class _Queued:
    """A batch in the engine."""

    asks: list[_Ask]
    pending: Pending


class Job:
    """What the segments of one job share: the model, how it decodes, and the answers it gave."""

    def __init__(self, translator: Translator, decoding: Decoding, batch_tokens: int, src_lang: str) -> None:
        self._translator = translator
        self._decoding = decoding
        self._batch_tokens = batch_tokens
        self._src_lang = src_lang
        self._asks: OrderedDict[str, _Ask] = OrderedDict()

    def work(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Work:
        """Translate segments as one window, yielding where the engine must be waited for.

        A window may need an answer that another window of the job has asked for: advance all in turns.
        """
        return self._work(texts, _Progress(progress), are_whole=True)

    def stream(
        self, texts: Iterator[str], window: int, progress: Callable[[int], None] | None
    ) -> Iterator[Hypothesis]:
        """Translate segments in windows, several on their way at a time; results in order."""
        under_way: deque[Running] = deque()
        size = min(window, _FIRST_WINDOW)
        while True:
            chunk = list(islice(texts, size))
            newest = [Running(self.work(chunk, progress))] if chunk else []
            for running in under_way:
                running.advance()
            under_way.extend(newest)
            while under_way and under_way[0].hypotheses is not None:
                yield from under_way.popleft().hypotheses or ()
            if not chunk and not under_way:
                return
            size = min(window, size * 4)

    def _work(self, texts: Sequence[str], progress: "_Progress", *, are_whole: bool) -> Work:
        plans, new = self._plans(texts)
        progress.expect(plans)
        queued = self._submit(new, self._decoding)
        yield
        retried = self._collect(queued, progress)
        if retried:
            yield
            self._collect_again(retried)
        while any(ask.answer is None for plan in plans for ask in plan.asks):
            yield  # an older window has asked for it
        repaired: dict[str, Hypothesis] = {}
        if are_whole and (broken := _broken(plans)):
            repaired = yield from self._repair(broken)
        progress.rest()
        return [repaired.get(plan.text) or _assemble(plan) for plan in plans]

    def _plans(self, texts: Iterable[str]) -> tuple[list[_Plan], list[_Ask]]:
        """Plan segments; return the plans, and what the model has not been asked yet."""
        plans = [self._plan(text) for text in texts]
        strings = dict.fromkeys(string for _, _, string in plans if string and string not in self._asks)
        new: list[_Ask] = []
        pieces: dict[str, list[str]] = {}
        for string, tokens in zip(strings, self._translator.tokenise(list(strings)), strict=True):
            if len(tokens) <= self._limit:
                new.append(self._ask(string, tokens))
            else:
                pieces[string] = self._cut(string)
        more = dict.fromkeys(piece for cuts in pieces.values() for piece in cuts if piece not in self._asks)
        for piece, tokens in zip(more, self._translator.tokenise(list(more)), strict=True):
            new.append(self._ask(piece, tokens))
        found = [
            _Plan(text, copy, [self._asks[piece] for piece in pieces.get(string, [string] if string else [])])
            for text, copy, string in plans
        ]
        self._forget()
        return found, new

    def _plan(self, text: str) -> tuple[str, Hypothesis | None, str]:
        """Return the segment, its hypothesis when it needs no model, and else what the model is asked."""
        copied = bypass(text, src_lang=self._src_lang)
        if copied is not None:
            return text, copied, ""
        string = defuse_control_tokens(for_model(text, lang=self._src_lang))
        return text, None if string else Hypothesis(""), string

    def _ask(self, string: str, tokens: Tokens) -> _Ask:
        ask = self._asks[string] = _Ask(string, tokens)
        return ask

    def _forget(self) -> None:
        while len(self._asks) > _REMEMBERED:
            self._asks.popitem(last=False)

    @property
    def _limit(self) -> int:
        info = self._translator.info
        return min(info.max_src_tokens, info.max_positions)

    def _cut(self, string: str) -> list[str]:
        return pieces_of(string, self._limit, lambda piece: len(self._translator.tokenise([piece])[0]))

    def _submit(self, asks: Sequence[_Ask], decoding: Decoding) -> list[_Queued]:
        rows = [ask.tokens for ask in asks]
        queued = submit(self._translator, rows, decoding, self._batch_tokens)
        return [_Queued([asks[i] for i in batch], pending) for batch, pending in queued]

    def _collect(
        self, queued: Iterable[_Queued], progress: "_Progress"
    ) -> list[tuple[_Queued, list[_Answer]]]:
        """Wait for answers; queue the doubtful ones again, behind what the engine is at, and return those."""
        retried = []
        again = replace(self._decoding, no_repeat_ngram=RETRY_NGRAM, repetition_penalty=RETRY_PENALTY)
        for batch in queued:
            doubted: dict[_Ask, _Answer] = {}
            for ask, raw in zip(batch.asks, batch.pending.result(), strict=True):
                answer = _answer(ask, raw)
                if answer.doubt:
                    doubted[ask] = answer
                else:
                    ask.answer = answer
                    progress.done(ask)
            retried += [
                (second, [doubted[ask] for ask in second.asks])
                for second in self._submit(list(doubted), again)
            ]
        return retried

    def _collect_again(self, retried: Iterable[tuple[_Queued, list[_Answer]]]) -> None:
        """Wait for second answers; the better of two stays.

        Log-probability alone would choose the loop: each of its tokens is all but certain. So an answer
        without a doubt wins over one with, and the log-probability decides between two of a kind.
        """
        for batch, firsts in retried:
            for ask, first, raw in zip(batch.asks, firsts, batch.pending.result(), strict=True):
                ask.answer = replace(max(_answer(ask, raw), first, key=_merit), first_doubt=first.doubt)

    def _repair(
        self, broken: dict[str, list[verbatim.Stretch]]
    ) -> Generator[None, None, dict[str, Hypothesis]]:
        """Translate segments anew around the spans that did not survive."""
        cores = dict.fromkeys(
            verbatim.core(part.text) for parts in broken.values() for part in parts if not part.is_verbatim
        )
        asked = [core for core in cores if core]
        found = yield from self._work(asked, _Progress(None), are_whole=False)
        around = dict(zip(asked, found, strict=True))
        return {text: _around(parts, around) for text, parts in broken.items()}


class Running:
    """A window that has begun.

    Attributes:
        hypotheses: one a segment, in order; None until it is finished.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self.hypotheses: list[Hypothesis] | None = None
        self.advance()

    def advance(self) -> None:
        """Go on to where the engine must be waited for again, or to the end."""
        if self.hypotheses is None:
            try:
                next(self._work)
            except StopIteration as end:
                self.hypotheses = end.value

    def result(self) -> list[Hypothesis]:
        """Finish, and return a hypothesis a segment."""
        while self.hypotheses is None:
            self.advance()
        return self.hypotheses


def submit(
    translator: Translator, rows: Sequence[Tokens], decoding: Decoding, batch_tokens: int
) -> list[tuple[list[int], Pending]]:
    """Queue sentences in batches, each with the decoding limit that suits it; return batches of indices."""
    queued = []
    max_positions = translator.info.max_positions
    for batch in batches([len(row) for row in rows], batch_tokens):
        limit = max_tgt_tokens(len(rows[batch[0]]), max_positions)
        limited = replace(decoding, max_tgt_tokens=limit)
        queued.append((batch, translator.submit([rows[i] for i in batch], limited)))
    return queued


class _Progress:
    """Counts segments as the last of their answers comes in."""

    def __init__(self, callback: Callable[[int], None] | None) -> None:
        self._callback = callback
        self._n_left = 0
        self._n_users: dict[_Ask, int] = {}

    def expect(self, plans: list[_Plan]) -> None:
        if self._callback is None:
            return
        self._n_left = len(plans)
        for plan in plans:
            if len(plan.asks) == 1:
                self._n_users[plan.asks[0]] = self._n_users.get(plan.asks[0], 0) + 1

    def done(self, ask: _Ask) -> None:
        if self._callback is not None and (n := self._n_users.pop(ask, 0)):
            self._n_left -= n
            self._callback(n)

    def rest(self) -> None:
        if self._callback is not None and self._n_left:
            self._callback(self._n_left)


def _answer(ask: _Ask, raw: RawHypothesis) -> _Answer:
    text = restore_control_tokens(" ".join(raw.text.split()))
    return _Answer(
        text,
        raw.logprob,
        len(ask.tokens),
        raw.n_tokens,
        doubt(ask.text, text, is_finished=raw.is_finished),
    )


def _merit(answer: _Answer) -> tuple[bool, bool, float]:
    return answer.doubt is None, answer.doubt != "empty", answer.logprob


def _broken(plans: Iterable[_Plan]) -> dict[str, list[verbatim.Stretch]]:
    """The segments in whose translation a span to keep did not survive, in stretches."""
    return {
        plan.text: verbatim.split(plan.text)
        for plan in {plan.text: plan for plan in plans if plan.asks}.values()
        if verbatim.spans(plan.text) and not verbatim.survives(plan.text, _assemble(plan).text)
    }


def _assemble(plan: _Plan) -> Hypothesis:
    if plan.copy is not None:
        return plan.copy
    parts = [ask.answer for ask in plan.asks if ask.answer is not None]
    if len(parts) == 1 and parts[0].first_doubt is None:
        only = parts[0]
        return Hypothesis(
            only.text, logprob=only.logprob, n_src_tokens=only.n_src_tokens, n_tgt_tokens=only.n_tgt_tokens
        )
    return Hypothesis(
        rejoin([ask.text for ask in plan.asks], [part.text for part in parts]),
        logprob=sum(part.logprob for part in parts),
        n_src_tokens=sum(part.n_src_tokens for part in parts),
        n_tgt_tokens=sum(part.n_tgt_tokens for part in parts),
        flags=_flags(parts),
    )


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
