"""How good an alignment is: strict and lax precision and recall, null sentences, calibration.

Strict and lax are those of Sennrich and Volk (2011, Iterative, MT-based sentence alignment of parallel
texts): a bead is strictly right when the gold holds the very same bead, laxly when one of its sentence
pairs lies in a gold bead. Precision counts null beads, recall does not, as in Vecalign's scorer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dragoman.corpora.bead_files import Span, bead_spans
from dragoman.errors import MismatchError
from dragoman.units import Bead


@dataclass(frozen=True, slots=True)
class Rates:
    """Right answers among those given and among those wanted."""

    n_right_given: int
    n_given: int
    n_right_wanted: int
    n_wanted: int

    @property
    def precision(self) -> float:
        """Part of what was given that is right; 0 when nothing was given."""
        return self.n_right_given / self.n_given if self.n_given else 0.0

    @property
    def recall(self) -> float:
        """Part of what was wanted that was found; 0 when nothing was wanted."""
        return self.n_right_wanted / self.n_wanted if self.n_wanted else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Beads of like confidence: how many, what they claim on average, and how many are strictly right."""

    low: float
    high: float
    n_beads: int
    mean_confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class AlignmentScore:
    """Scores of the beads of one or more documents.

    Attributes:
        strict: beads that the gold holds as they are.
        lax: beads that share a sentence pair with a gold bead.
        src_nulls: source sentences said to have no counterpart.
        tgt_nulls: target sentences likewise.
        reliability: ten bins of confidence; empty when the beads came without.
        calibration_error: expected calibration error (Naeini et al. 2015), None without confidences.
    """

    strict: Rates
    lax: Rates
    src_nulls: Rates
    tgt_nulls: Rates
    reliability: tuple[Bin, ...] = ()
    calibration_error: float | None = None


def score_beads(gold: Sequence[Sequence[Span]], beads: Sequence[Sequence[Bead]]) -> AlignmentScore:
    """Score the beads of each document against its gold beads, with calibration."""
    if len(gold) != len(beads):
        raise MismatchError(
            f"{len(gold)} gold documents for {len(beads)} aligned ones: there must be one for each"
        )
    plain = score_spans(gold, [bead_spans(document) for document in beads])
    outcomes = [
        (bead.confidence, span in wanted)
        for document_gold, document in zip(gold, beads, strict=True)
        for wanted in [set(document_gold)]
        for bead, span in zip(document, bead_spans(document), strict=True)
    ]
    bins = reliability(outcomes)
    return AlignmentScore(
        plain.strict, plain.lax, plain.src_nulls, plain.tgt_nulls, bins, expected_calibration_error(bins)
    )


def score_spans(gold: Sequence[Sequence[Span]], test: Sequence[Sequence[Span]]) -> AlignmentScore:
    """Score beads given as sentence numbers, document by document."""
    strict, lax = [0, 0, 0, 0], [0, 0, 0, 0]
    nulls = ([0, 0, 0], [0, 0, 0])
    for wanted, given in zip(gold, test, strict=True):
        right = _right(wanted, given)
        found = _right([b for b in given if all(b)], [b for b in wanted if all(b)])
        for total, kind in ((strict, 0), (lax, 1)):
            for place, number in enumerate((right[kind], right[2], found[kind], found[2])):
                total[place] += number
        for side, numbers in enumerate(nulls):
            wanted_nulls, given_nulls = _nulls(wanted, side), _nulls(given, side)
            numbers[0] += len(wanted_nulls & given_nulls)
            numbers[1] += len(given_nulls)
            numbers[2] += len(wanted_nulls)
    src_nulls, tgt_nulls = (Rates(hit, given, hit, wanted) for hit, given, wanted in nulls)
    return AlignmentScore(Rates(*strict), Rates(*lax), src_nulls, tgt_nulls)


def _right(wanted: Iterable[Span], given: Iterable[Span]) -> tuple[int, int, int]:
    """Count the given beads that are strictly right and laxly right, and all of them."""
    wanted_set = {bead for bead in wanted if any(bead)}
    given_set = {bead for bead in given if any(bead)}
    partners: dict[int, set[int]] = {}
    for src, tgt in wanted_set:
        for i in src:
            partners.setdefault(i, set()).update(tgt)
    strict = given_set & wanted_set
    lax = [bead for bead in given_set - strict if any(partners.get(i, set()) & set(bead[1]) for i in bead[0])]
    return len(strict), len(strict) + len(lax), len(given_set)


def _nulls(beads: Iterable[Span], side: int) -> set[int]:
    return {sentence for bead in beads if not bead[1 - side] for sentence in bead[side]}


def reliability(outcomes: Iterable[tuple[float, bool]], n_bins: int = 10) -> tuple[Bin, ...]:
    """Sort outcomes (confidence, whether it was right) into bins of equal width; empty bins are left out."""
    held: list[list[tuple[float, bool]]] = [[] for _ in range(n_bins)]
    for confidence, is_right in outcomes:
        held[min(n_bins - 1, int(confidence * n_bins))].append((confidence, is_right))
    return tuple(
        Bin(
            number / n_bins,
            (number + 1) / n_bins,
            len(bin_),
            sum(confidence for confidence, _ in bin_) / len(bin_),
            sum(is_right for _, is_right in bin_) / len(bin_),
        )
        for number, bin_ in enumerate(held)
        if bin_
    )


def expected_calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return the mean distance of claimed and true accuracy, weighted by beads; None without beads."""
    total = sum(bin_.n_beads for bin_ in bins)
    if not total:
        return None
    return sum(bin_.n_beads * abs(bin_.mean_confidence - bin_.accuracy) for bin_ in bins) / total
