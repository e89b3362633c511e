"""What a batch job asks beside the model: translation memory and glossary.

A person's translation of exactly the same source wins over the model; of similar sources it is offered as a
match in the XLIFF file, never put in. Machine translations are found again under the same engine key alone.
Those of the running job enter the memory when the job is finished, not before: what a shard finds must not
depend on which others happen to be done.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from dragoman.corpora.memory import Memory, engine_key
from dragoman.corpora.provenance import Match
from dragoman.models.engine import Decoding, EngineInfo, load
from dragoman.translate.glossary import read_glossary
from dragoman.translate.job import Job, Running
from dragoman.translate.options import BatchOptions
from dragoman.translate.term_search import keep_terms
from dragoman.translate.translation import DEFAULT_BATCH_TOKENS
from dragoman.units import Hypothesis, Origin


@dataclass(frozen=True, slots=True)
class Asked:
    """Sources under way: what the memory knows of them, and the engine's work on the others."""

    texts: Sequence[str]
    known: Mapping[str, Hypothesis]
    running: Running


class Recall:
    """Memory, glossary and model of one worker; `begin` with sources and `finish` for a hypothesis each.

    Attributes:
        glossary: terms that the checks ask for, None without one.
        key: what the model's translations are remembered under, "" without a memory.
    """

    def __init__(self, options: BatchOptions) -> None:
        """Load the model and open the files.

        Raises:
            ModelError: the model cannot be used.
            InputError: memory or glossary cannot be used.
        """
        self._engine = load(
            options.model, backend=options.backend, device=options.device, threads=options.threads
        )
        self._beam = options.beam
        self._memory = Memory(Path(options.memory)) if options.memory else None
        self.key = "" if self._memory is None else _key(self._engine.info, options)
        self.glossary = read_glossary(options.glossary) if options.glossary else None

    def close(self) -> None:
        """Close the memory."""
        if self._memory is not None:
            self._memory.close()

    @property
    def model(self) -> str:
        """Name of the model."""
        return self._engine.info.model

    def begin(self, texts: Sequence[str]) -> Asked:
        """Look sources up in the memory, and give the engine those that are not there."""
        known = {} if self._memory is None else self._look_up(self._memory, texts)
        # A job of its own: what other texts the engine is asked for decides nothing.
        job = Job(self._engine, Decoding(beam=self._beam), DEFAULT_BATCH_TOKENS, "ar")
        return Asked(texts, known, Running(job.work([text for text in texts if text not in known])))

    def finish(self, asked: Asked) -> list[Hypothesis]:
        """Wait for the engine, and return a hypothesis for each source."""
        made = iter(asked.running.result())
        hypotheses = [asked.known[text] if text in asked.known else next(made) for text in asked.texts]
        if self.glossary is None:
            return hypotheses
        return keep_terms(asked.texts, hypotheses, self.glossary, self._engine)

    def matches(self, texts: Sequence[str], hypotheses: Sequence[Hypothesis]) -> dict[int, list[Match]]:
        """Return what people made of sources like those that the model translated, by the segment's index."""
        if self._memory is None:
            return {}
        found = {
            i: self._memory.fuzzy(text)
            for i, (text, hypothesis) in enumerate(zip(texts, hypotheses, strict=True))
            if hypothesis.origin is Origin.MT
        }
        return {i: matches for i, matches in found.items() if matches}

    def _look_up(self, memory: Memory, texts: Iterable[str]) -> dict[str, Hypothesis]:
        known = {}
        for text in dict.fromkeys(texts):
            unit = memory.lookup(text, engine=self.key)
            if unit is not None:
                known[text] = (
                    Hypothesis(unit.tgt, Origin.MT, logprob=unit.score, n_tgt_tokens=1)
                    if unit.origin == "mt"
                    else Hypothesis(unit.tgt, Origin.TM)
                )
        return known


def _key(info: EngineInfo, options: BatchOptions) -> str:
    backend = f"{info.backend} {info.version} {info.compute_type}"
    decoding = {**asdict(Decoding(beam=options.beam)), "glossary": options.glossary_digest()}
    return engine_key(model=info.digest, backend=backend, decoding=decoding)
