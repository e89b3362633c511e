"""The CTranslate2 back end: int8 on a CPU, float16 on a GPU; no torch at run time.

Pitfalls that the calls below are written around: inputs are cut at 1,024 tokens unless `max_input_length=0`
(CTranslate2#605); converted Marian models need the end-of-sentence token in the source; scores come divided
by length ** length_penalty, end-of-sentence included where it was reached.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from dragoman.errors import ModelError
from dragoman.models.catalog import ModelFolder
from dragoman.models.conversion import DoesNotConvertError, convert
from dragoman.models.division import Division, choose
from dragoman.models.engine import Decoding, EngineInfo, RawHypothesis, Tokens
from dragoman.models.tokenisation import Tokeniser, load_tokeniser

__all__ = ["CTranslate2Translator", "DoesNotConvertError", "load"]

_SCORED_TOKENS = 4096  # of a batch of targets whose probability is asked for


@dataclass(frozen=True, slots=True)
class _Pending:
    results: list[Any]
    tokeniser: Tokeniser
    decoding: Decoding

    def result(self) -> list[RawHypothesis]:
        """Wait for the batch and return a hypothesis a sentence, in the batch's order."""
        return [self._finish(future.result()) for future in self.results]

    def _finish(self, result: Any) -> RawHypothesis:
        produced = result.hypotheses[0]
        is_finished = bool(produced) and produced[-1] == "</s>"
        prefix = self.tokeniser.tgt_prefix
        tokens = tuple(produced[len(prefix) : len(produced) - is_finished])
        # The prefix is forced: its log-probability is 0, but it counts in the length that the score is
        # divided by.
        logprob = result.scores[0] * max(1, len(produced)) ** self.decoding.length_penalty
        return RawHypothesis(
            text=self.tokeniser.decode(tokens),
            tokens=tokens,
            logprob=logprob,
            n_tokens=len(tokens) + is_finished,
            is_finished=is_finished,
        )


class CTranslate2Translator:
    """A converted model, loaded."""

    def __init__(self, engine: Any, tokeniser: Tokeniser, info: EngineInfo) -> None:
        self._engine = engine
        self._tokeniser = tokeniser
        self.info = info

    def tokenise(self, sentences: Sequence[str]) -> list[Tokens]:
        """Return the tokens that the model would be given for each sentence, control tokens included."""
        return self._tokeniser.encode(sentences)

    def encode_target(self, text: str) -> Tokens:
        """Return the tokens of a text on the target side, without control tokens."""
        return self._tokeniser.encode_target(text)

    def score(self, sources: Sequence[Tokens], targets: Sequence[Tokens]) -> list[float]:
        """Return the mean log-probability of the tokens of each target, end of sentence included."""
        prefix = list(self._tokeniser.tgt_prefix)
        results = self._engine.score_batch(
            list(sources),
            [[*prefix, *target] for target in targets],
            max_batch_size=_SCORED_TOKENS,
            batch_type="tokens",
            max_input_length=0,
        )
        return [fmean(result.log_probs[len(prefix) :]) for result in results]

    def complete(
        self, source: Tokens, beginnings: Sequence[Tokens], *, beam: int, max_tgt_tokens: int
    ) -> list[RawHypothesis]:
        """Translate one sentence once for each given beginning of its translation.

        Args:
            source: tokens of the sentence, as `tokenise` gives them.
            beginnings: target tokens that are forced; the model goes on from there.
            beam: beam size.
            max_tgt_tokens: the search ends here, the beginning included.

        Returns:
            A hypothesis a beginning; its log-probability is that of all target tokens, the forced ones too.
        """
        if not beginnings:
            return []
        prefix = list(self._tokeniser.tgt_prefix)
        limit = min(max_tgt_tokens + 1, self.info.max_positions - 1 - len(prefix)) + len(prefix)
        results = self._engine.translate_batch(
            [source] * len(beginnings),
            [[*prefix, *beginning] for beginning in beginnings],
            beam_size=beam,
            disable_unk=True,
            return_end_token=True,
            max_input_length=0,
            max_decoding_length=max(1, limit),
        )
        return self._scored(source, [result.hypotheses[0] for result in results])

    def alternatives(self, source: Tokens, *, n: int, max_tgt_tokens: int) -> list[RawHypothesis]:
        """Return the `n` most probable translations that a beam of that size finds, best first.

        Args:
            source: tokens of the sentence, as `tokenise` gives them.
            n: translations, and beam size.
            max_tgt_tokens: the search ends here.
        """
        prefix = list(self._tokeniser.tgt_prefix)
        limit = min(max_tgt_tokens + 1, self.info.max_positions - 1 - len(prefix)) + len(prefix)
        (result,) = self._engine.translate_batch(
            [source],
            [prefix] if prefix else None,
            beam_size=n,
            num_hypotheses=n,
            disable_unk=True,
            return_end_token=True,
            max_input_length=0,
            max_decoding_length=max(1, limit),
        )
        return self._scored(source, result.hypotheses)

    def _scored(self, source: Tokens, produced: Sequence[Tokens]) -> list[RawHypothesis]:
        """Score translations of one sentence, all in the same way."""
        prefix = list(self._tokeniser.tgt_prefix)
        finished = [bool(tokens) and tokens[-1] == "</s>" for tokens in produced]
        texts = [tokens[: len(tokens) - end] for tokens, end in zip(produced, finished, strict=True)]
        scores = self._engine.score_batch([source] * len(texts), texts, max_input_length=0)
        return [
            RawHypothesis(
                text=self._tokeniser.decode(tokens),
                tokens=tuple(tokens[len(prefix) :]),
                logprob=float(sum(score.log_probs)),
                n_tokens=len(score.log_probs),
                is_finished=end,
            )
            for tokens, end, score in zip(texts, finished, scores, strict=True)
        ]

    def submit(self, batch: Sequence[Tokens], decoding: Decoding) -> _Pending:
        """Start translating a batch; the engine's own threads do the work."""
        longest = max(map(len, batch), default=0)
        if longest > self.info.max_positions:
            raise ValueError(
                f"{longest} source tokens; the model has positions for {self.info.max_positions}"
            )
        prefix = list(self._tokeniser.tgt_prefix)
        # One position is the start of sentence's, and the end of sentence is counted as a decoding step here.
        limit = min(decoding.max_tgt_tokens + 1, self.info.max_positions - 1 - len(prefix)) + len(prefix)
        results = self._engine.translate_batch(
            list(batch),
            [prefix] * len(batch) if prefix else None,
            asynchronous=True,
            beam_size=decoding.beam,
            patience=1,
            num_hypotheses=1,
            length_penalty=decoding.length_penalty,
            coverage_penalty=0,
            repetition_penalty=decoding.repetition_penalty,
            no_repeat_ngram_size=decoding.no_repeat_ngram,
            disable_unk=True,
            return_end_token=True,
            max_input_length=0,
            max_decoding_length=max(1, limit),
            min_decoding_length=1,
            sampling_topk=1,
            return_scores=True,
        )
        return _Pending(results, self._tokeniser, decoding)


def load(
    folder: ModelFolder,
    device: str,
    compute_type: str,
    threads: int,
    src_lang: str,
    tgt_lang: str,
    step: Callable[[str], None] | None = None,
    *,
    division: Division | None = None,
) -> CTranslate2Translator:
    """Load a model with CTranslate2, converting it first when that has not been done.

    Args:
        folder: the model.
        device: "auto", "cpu" or "cuda".
        compute_type: as in `dragoman.models.engine.load`.
        threads: CPU threads in all, 0 for every core.
        src_lang: language of the source.
        tgt_lang: language of the target.
        step: told when something takes longer.
        division: how the threads are divided; None for what is remembered, or the rule.

    Raises:
        DoesNotConvertError: CTranslate2 has no conversion for it.
        ModelError: it cannot be loaded on this device.
    """
    import ctranslate2

    try:
        n_gpus = ctranslate2.get_cuda_device_count() if device != "cpu" else 0
    except RuntimeError:
        n_gpus = 0
    if device == "cuda" and not n_gpus:
        raise ModelError("device cuda: CTranslate2 sees no GPU here; use --device cpu")
    if device not in ("auto", "cpu", "cuda"):
        raise ModelError(f"unknown device {device!r}; expected auto, cpu or cuda")
    device = "cuda" if n_gpus else "cpu"
    if compute_type == "auto":
        compute_type = "float16" if device == "cuda" else "int8"
    converted = convert(folder, compute_type, step=step)
    division = Division(1, 1) if device == "cuda" else division or choose(folder.digest, threads)
    try:
        engine = ctranslate2.Translator(
            str(converted),
            device=device,
            compute_type=compute_type,
            inter_threads=division.n_workers,
            intra_threads=division.n_threads,
            max_queued_batches=-1,
        )
    except (RuntimeError, ValueError) as error:
        raise ModelError(
            f"model {folder.name} ({compute_type}, {device}) cannot be loaded: {' '.join(str(error).split())}"
        ) from error
    info = describe(folder, device, compute_type, division)
    tokeniser = load_tokeniser(converted, folder.layout, src_lang=src_lang, tgt_lang=tgt_lang)
    return CTranslate2Translator(engine, tokeniser, info)


def describe(folder: ModelFolder, device: str, compute_type: str, division: Division) -> EngineInfo:
    """Return what a report says about a model loaded in this way."""
    from ctranslate2.version import __version__

    return EngineInfo(
        model=folder.name,
        digest=folder.digest,
        backend="ctranslate2",
        device=device,
        compute_type=compute_type,
        version=__version__,
        max_src_tokens=folder.max_src_tokens,
        max_positions=folder.layout.max_positions,
        n_workers=division.n_workers,
        n_threads=division.n_threads,
        notice=folder.entry.notice if folder.entry else "",
    )
