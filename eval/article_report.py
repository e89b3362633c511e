"""What the report page of one translated article shows, as frozen data.

Filled by the main job (`dragoman run`), rendered by `dragoman.eval.report.render_article`. Nothing here
computes scores: they come in as `ScoreReport`s, so that no figure stands on the page without signature, mode
and coverage.
"""

from dataclasses import dataclass

from dragoman.eval.results import InputFile, ScoreReport
from dragoman.units import Bead, Document, Hypothesis, Notice, Segment


@dataclass(frozen=True, slots=True)
class ReferenceText:
    """One reference translation and how it was aligned with the article.

    Attributes:
        name: path as given.
        sentences: the reference, a sentence each.
        beads: `src` are indices into `ArticleReport.segments`, `tgt` indices into `sentences`; null beads
            included.
        bead_scores: score of the hypothesis against the reference in each bead (None for a null bead), in the
            unit of `ArticleReport.bead_metric`; empty when none were computed.
    """

    name: str
    sentences: tuple[str, ...]
    beads: tuple[Bead, ...]
    bead_scores: tuple[float | None, ...] = ()

    def __post_init__(self) -> None:
        if self.bead_scores and len(self.bead_scores) != len(self.beads):
            raise ValueError(f"{len(self.bead_scores)} scores for {len(self.beads)} beads")
        if any(bead.tgt.stop > len(self.sentences) for bead in self.beads):
            raise ValueError(f"a bead points past the {len(self.sentences)} sentences of {self.name}")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The model behind the translation.

    Attributes:
        name: catalogue name, hub id or folder name.
        facts: (label, value) for the page's foot: revision, licence, back end, device, quantisation, digest.
        note: one plain sentence for the top of the page, such as that this is a small starter; "" for none.
    """

    name: str
    facts: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ArticleReport:
    """One article, its translation and all that is known about it.

    Attributes:
        title: heading of the page; "" takes the article's title line, or the document's name.
        document: the article as read, with a role and a reason for each line.
        segments: what was translated, in document order.
        hypotheses: one a segment.
        model: who translated.
        references: each with its alignment.
        scores: corpus scores; a report's `system` labels it where there are several.
        bead_metric: name of the metric behind `ReferenceText.bead_scores`.
        risks: one estimate a segment, higher is riskier; empty orders by flags and log-probability.
        notices: what else the run has to say, beside the document's own notices.
        decoding: (parameter, value) of the decoder.
        timings: (step, seconds).
        inputs: files with their digests.
        versions: (package, version).
        created: when, ISO 8601; "" leaves it out.
        src_lang: BCP 47 code of the source.
        tgt_lang: BCP 47 code of the translation.
    """

    title: str
    document: Document
    segments: tuple[Segment, ...]
    hypotheses: tuple[Hypothesis, ...]
    model: ModelFacts
    references: tuple[ReferenceText, ...] = ()
    scores: tuple[ScoreReport, ...] = ()
    bead_metric: str = "chrF2++"
    risks: tuple[float, ...] = ()
    notices: tuple[Notice, ...] = ()
    decoding: tuple[tuple[str, str], ...] = ()
    timings: tuple[tuple[str, float], ...] = ()
    inputs: tuple[InputFile, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    created: str = ""
    src_lang: str = "ar"
    tgt_lang: str = "en"

    def __post_init__(self) -> None:
        n = len(self.segments)
        if len(self.hypotheses) != n:
            raise ValueError(f"{n} segments and {len(self.hypotheses)} hypotheses")
        if self.risks and len(self.risks) != n:
            raise ValueError(f"{n} segments and {len(self.risks)} risks")
        if any(bead.src.stop > n for reference in self.references for bead in reference.beads):
            raise ValueError(f"a bead points past the {n} segments of the article")
