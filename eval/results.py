"""What a scoring run yields: frozen data that tables, JSON and the report page are drawn from.

A `MetricScore` cannot be made without its signature, its mode and its coverage, and its `str()` prints them
together: so no rendering can show a bare number by oversight. Nothing here computes; `dragoman.eval.scoring`
and `dragoman.eval.comparing` fill these types, `dragoman.eval.tables` and the report page read them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dragoman.errors import MismatchError
from dragoman.units import Flag, Notice


class Mode(StrEnum):
    """How hypotheses and references were brought into units. Scores of different modes do not compare."""

    SEGMENT = "segment"  # line by line, as given
    ALIGNED = "aligned"  # sentences of the reference were aligned with the source; only beads are scored
    DOCUMENT = "document"  # a whole document is one unit
    RESEGMENTED = (
        "resegmented"  # the hypothesis' words were cut to the reference's segments (Matusov et al. 2005)
    )


@dataclass(frozen=True, slots=True)
class Share:
    """`covered` of `total` segments (or words, where the docstring says so)."""

    covered: int
    total: int

    def __post_init__(self) -> None:
        if not 0 <= self.covered <= self.total:
            raise ValueError(f"a share needs 0 <= covered <= total, got {self.covered}, {self.total}")

    @property
    def fraction(self) -> float:
        """Covered part in [0, 1]; 1.0 of nothing."""
        return self.covered / self.total if self.total else 1.0

    def __str__(self) -> str:
        return f"{self.covered}/{self.total}"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the input stands behind a score.

    Attributes:
        n_units: units that were scored (segments, bead groups or documents).
        hypothesis: hypothesis segments that are part of a scored unit, of all given.
        references: for each reference its segments that are part of a scored unit, of all given.
    """

    n_units: int
    hypothesis: Share
    references: tuple[Share, ...]

    @property
    def complete(self) -> bool:
        """True when nothing was left out on any side."""
        return all(share.covered == share.total for share in (self.hypothesis, *self.references))

    def __str__(self) -> str:
        sides = ",".join(f"ref{i + 1}={share}" for i, share in enumerate(self.references))
        return f"hyp={self.hypothesis},{sides},units={self.n_units}"


@dataclass(frozen=True, slots=True)
class ConfidenceInterval:
    """95 % bootstrap interval as sacreBLEU estimates it: `mean` ± `half_width` over `n_samples` resamples."""

    mean: float
    half_width: float
    n_samples: int
    seed: int


@dataclass(frozen=True, slots=True)
class BleuDetails:
    """The parts of a corpus BLEU.

    Attributes:
        precisions: n-gram precisions in percent, orders 1 to 4.
        brevity_penalty: in (0, 1].
        hyp_len: hypothesis tokens.
        ref_len: tokens of the references closest in length.
    """

    precisions: tuple[float, ...]
    brevity_penalty: float
    hyp_len: int
    ref_len: int

    @property
    def ratio(self) -> float:
        """Hypothesis length over reference length, 0.0 without a reference token."""
        return self.hyp_len / self.ref_len if self.ref_len else 0.0

    def __str__(self) -> str:
        shown = "/".join(f"{p:.1f}" for p in self.precisions)
        return (
            f"{shown} (BP = {self.brevity_penalty:.3f} ratio = {self.ratio:.3f} "
            f"hyp_len = {self.hyp_len:d} ref_len = {self.ref_len:d})"
        )


@dataclass(frozen=True, slots=True)
class MetricScore:
    """One corpus score with all that is needed to read it.

    Attributes:
        name: "BLEU", "chrF2", "chrF2++", "TER", or the name of a metric read from a file ("COMET").
        score: the figure, unrounded; in percent for sacreBLEU's metrics.
        signature: sacreBLEU's signature, or the description of the file that a foreign metric came from.
        mode: how the units were made.
        coverage: how much of the input was scored.
        higher_is_better: False for error rates (TER).
        interval: confidence interval, None when none was asked for.
        bleu: precisions, brevity penalty and lengths (BLEU only).
    """

    name: str
    score: float
    signature: str
    mode: Mode
    coverage: Coverage
    higher_is_better: bool = True
    interval: ConfidenceInterval | None = None
    bleu: BleuDetails | None = None

    def __post_init__(self) -> None:
        if not self.signature:
            raise ValueError(f"a {self.name} score needs its signature")

    def __str__(self) -> str:
        return self.line(width=1)

    def line(self, width: int = 1) -> str:
        """Write the score as one line in sacreBLEU's form, with mode and coverage after the signature."""
        shown = f"{self.score:.{width}f}"
        if self.interval is not None:
            shown += f" (μ = {self.interval.mean:.{width}f} ± {self.interval.half_width:.{width}f})"
        head = f"{self.name}|{self.signature}|mode:{self.mode}|cov:{self.coverage}"
        return f"{head} = {shown}" + (f" {self.bleu}" if self.bleu is not None else "")


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input as it was read.

    Attributes:
        role: "hypothesis", "reference", "source", "scores" …
        name: path as given, or "-".
        sha256: hex digest of the bytes.
        n_segments: segments read from it.
    """

    role: str
    name: str
    sha256: str
    n_segments: int


@dataclass(frozen=True, slots=True)
class Excluded:
    """Something of the input that no score counts: where it is, why, and the text itself."""

    side: str  # "hypothesis", "reference 1" …
    where: str  # "line 12", "document d3, segment 4"
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One scored unit of one system, in input order.

    Attributes:
        index: number of the unit from 0; stable over the systems of one comparison, so a permalink.
        doc_id: document it belongs to ("" when the input has none).
        seg_id: identifier in the input, or the line number from 1 as text.
        src: source text, "" when it was not given.
        refs: the references' texts; None where a reference does not cover this unit.
        hyp: hypothesis.
        scores: unit-level scores in the order of the report's metrics (BLEU with effective order).
        flags: doubts about this hypothesis (QA checks, risk), when a checker was given.
    """

    index: int
    doc_id: str
    seg_id: str
    src: str
    refs: tuple[str | None, ...]
    hyp: str
    scores: tuple[float, ...]
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """The scores of one system.

    Attributes:
        system: name of the system ("" when it has none).
        metrics: corpus scores, in the order asked for; all of one mode and one coverage.
        segments: the scored units.
        excluded: what no score counts.
        notices: what the checks of the input saw (empty references, tokenised text …).
        inputs: the files behind it.
        data_digest: sha256 over the units' sources and references, so that two reports on the same data can
            be told from two on different data.
    """

    system: str
    metrics: tuple[MetricScore, ...]
    segments: tuple[SegmentRow, ...]
    excluded: tuple[Excluded, ...] = ()
    notices: tuple[Notice, ...] = ()
    inputs: tuple[InputFile, ...] = ()
    data_digest: str = ""

    def __post_init__(self) -> None:
        if not self.metrics:
            raise ValueError("a score report needs at least one metric")
        if len({(m.mode, m.coverage) for m in self.metrics}) != 1:
            raise ValueError("the metrics of one report share mode and coverage")

    @property
    def mode(self) -> Mode:
        """How the units were made."""
        return self.metrics[0].mode

    @property
    def coverage(self) -> Coverage:
        """How much of the input was scored."""
        return self.metrics[0].coverage

    def metric(self, name: str) -> MetricScore:
        """Return the corpus score of that name.

        Raises:
            KeyError: the report has no such metric.
        """
        for metric in self.metrics:
            if metric.name == name:
                return metric
        raise KeyError(name)

    def __str__(self) -> str:
        return "\n".join(str(metric) for metric in self.metrics)


def check_comparable(reports: Sequence[ScoreReport]) -> None:
    """Refuse to set scores side by side that were not taken in the same way on the same data.

    Raises:
        MismatchError: modes, signatures, coverage of the references or the data differ.
    """
    first = reports[0]
    for other in reports[1:]:
        pair = f"{first.system or 'the first report'} and {other.system or 'another report'}"
        if first.mode != other.mode:
            raise MismatchError(
                f"{pair} were scored in different modes ({first.mode}, {other.mode}), and such scores do not "
                "compare: score both in one mode"
            )
        ours, theirs = ({m.name: m.signature for m in report.metrics} for report in (first, other))
        for name in ours.keys() | theirs.keys():
            if ours.get(name) != theirs.get(name):
                raise MismatchError(
                    f"{pair} have different signatures for {name} ({ours.get(name)} and {theirs.get(name)}): "
                    "score both with the same options"
                )
        if first.data_digest != other.data_digest:
            raise MismatchError(f"{pair} were scored on different sources or references")
        if first.coverage != other.coverage:
            raise MismatchError(
                f"{pair} cover different parts of the data ({first.coverage}; {other.coverage}): "
                "compare the systems in one run, so that all are scored on the same units"
            )
