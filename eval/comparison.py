"""Several systems on the same data: everything that the tables and the report page show, as frozen data.

Built by `dragoman.eval.comparing.compare`, rendered by `dragoman.eval.tables` and by the report page
(`render_comparison`). Tuples that hold "one entry a system" follow the order of `Comparison.systems`; tuples
that hold "one entry a metric" follow `Comparison.metric_names`.
"""

from dataclasses import dataclass

from dragoman.eval.results import Coverage, Excluded, InputFile, Mode, ScoreReport, SegmentRow
from dragoman.units import Notice


@dataclass(frozen=True, slots=True)
class PairedResult:
    """One system against the baseline on one metric.

    Attributes:
        metric: name of the metric.
        delta: score of the system minus score of the baseline (raw, so negative is better for TER).
        p_value: of the two-sided paired test, as sacreBLEU computes it.
    """

    metric: str
    delta: float
    p_value: float

    @property
    def is_significant(self) -> bool:
        """Below 0.05 with a difference: sacreBLEU gives a system against its copy the least p."""
        return self.p_value < 0.05 and self.delta != 0


@dataclass(frozen=True, slots=True)
class SystemResult:
    """One system of a comparison.

    Attributes:
        name: short name, unique in the comparison (the first is the baseline).
        report: its scores, with intervals where a bootstrap was run.
        paired: against the baseline, one entry a sacreBLEU metric; empty for the baseline itself.
        ranks: significance group on each metric, 1 = best: a system shares the group of a better one unless
            the paired test tells it from every member (p < 0.05); one entry a metric.
        flag_counts: QA flags by kind, as (kind, severity, number of segments with it), most frequent first.
        settings: what is known about how the output was made (model, decoding …), for the page's foot.
    """

    name: str
    report: ScoreReport
    paired: tuple[PairedResult, ...] = ()
    ranks: tuple[int, ...] = ()
    flag_counts: tuple[tuple[str, str, int], ...] = ()
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> tuple[SegmentRow, ...]:
        """The system's units; row i of every system is the same unit."""
        return self.report.segments


@dataclass(frozen=True, slots=True)
class Bucket:
    """A part of the data in a breakdown.

    Attributes:
        label: for people, such as "10-19 words" or the document's id.
        n_items: what `Breakdown.item` counts in this bucket.
        values: one entry a system; None where the value is undefined (nothing in the bucket).
    """

    label: str
    n_items: int
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One way to cut the data, scored for each system in each part.

    Attributes:
        slug: stable name: "length", "document", "rare-words", "numbers-names".
        title: for people.
        value: what the values are ("BLEU", "F1 of words, %" …); with `signature` it can stand beside other
            scores.
        item: what `n_items` counts ("segments", "reference words").
        buckets: the parts, in a natural order.
        note: one sentence on how it was made.
    """

    slug: str
    title: str
    value: str
    item: str
    buckets: tuple[Bucket, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class NgramChange:
    """An n-gram that one system matches in the references more often than the other.

    Attributes:
        ngram: tokens joined by a space.
        n_baseline: matches of the baseline, clipped by the reference, summed over units.
        n_system: matches of the system, likewise.
        n_reference: occurrences in the (first) references.
        examples: indices of up to three units where the two differ.
    """

    ngram: str
    n_baseline: int
    n_system: int
    n_reference: int
    examples: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NgramDifference:
    """N-grams that `system` won from the baseline and lost to it, most telling first."""

    system: str
    won: tuple[NgramChange, ...]
    lost: tuple[NgramChange, ...]


@dataclass(frozen=True, slots=True)
class Correlation:
    """How two metrics agree on the segments of one system (or "all systems" pooled)."""

    system: str
    first: str
    second: str
    pearson: float
    spearman: float
    n_segments: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several systems on the same units, and all that was found out about them.

    Attributes:
        title: for people.
        metric_names: metrics of every system's report and of every row's `scores`, in this order.
        higher_is_better: one entry a metric.
        systems: the first is the baseline.
        test: "bs" (paired bootstrap), "ar" (approximate randomisation) or "" (none: a single system).
        n_samples: resamples or trials of the test.
        seed: of the test.
        breakdowns: length, document, rare words, numbers and names.
        ngrams: one entry a system but the baseline.
        correlations: between the metrics' segment scores.
        excluded: what no score counts (the same for every system).
        notices: what the checks of the inputs saw.
        inputs: files with their digests.
        versions: (package, version) of what computed this.
        src_lang: BCP 47 code, for the direction of the source cells.
        tgt_lang: BCP 47 code of hypotheses and references.
    """

    title: str
    metric_names: tuple[str, ...]
    higher_is_better: tuple[bool, ...]
    systems: tuple[SystemResult, ...]
    test: str = ""
    n_samples: int = 0
    seed: int = 12345
    breakdowns: tuple[Breakdown, ...] = ()
    ngrams: tuple[NgramDifference, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    notices: tuple[Notice, ...] = ()
    inputs: tuple[InputFile, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    src_lang: str = "ar"
    tgt_lang: str = "en"

    def __post_init__(self) -> None:
        if not self.systems:
            raise ValueError("a comparison needs at least one system")
        n_units = {len(system.rows) for system in self.systems}
        if len(n_units) != 1:
            raise ValueError(f"the systems of a comparison share their units, got {sorted(n_units)}")

    @property
    def baseline(self) -> SystemResult:
        """The system that the others are tested against."""
        return self.systems[0]

    @property
    def mode(self) -> Mode:
        """How the units were made; the same for every system."""
        return self.baseline.report.mode

    @property
    def coverage(self) -> Coverage:
        """How much of the data was scored; the same for every system."""
        return self.baseline.report.coverage

    def regressions(self, alpha: float = 0.05) -> list[tuple[SystemResult, PairedResult]]:
        """Return the significant losses against the baseline: worse on a metric with p < `alpha`."""
        better = dict(zip(self.metric_names, self.higher_is_better, strict=True))
        return [
            (system, paired)
            for system in self.systems[1:]
            for paired in system.paired
            if paired.p_value < alpha and (paired.delta < 0) == better[paired.metric] and paired.delta != 0
        ]
