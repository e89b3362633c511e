"""Bootstrap intervals and paired significance tests that equal sacreBLEU's, on arrays.

- Paired bootstrap: Koehn (2004), Statistical Significance Tests for Machine Translation Evaluation, in the
  two-sided form of Moses' script that sacreBLEU follows (Riezler & Maxwell 2005 on the shift).
- Approximate randomisation: Riezler & Maxwell (2005), On Some Pitfalls in Automatic Evaluation.

The random numbers are drawn in sacreBLEU's order from the same generator, so that the same seed gives the
same resamples; but a resample here is a row of counts, and all resamples are one matrix product.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dragoman.errors import MismatchError
from dragoman.eval.metrics import Statistics
from dragoman.eval.results import ConfidenceInterval

DEFAULT_SAMPLES = {"bs": 1000, "ar": 10000}
ALPHA = 0.05
SEED = 12345  # sacreBLEU's default

_CHUNK = 8_000_000  # resampled indices held in memory at a time: 64 MB


def bootstrap_counts(n_units: int, n_samples: int, seed: int) -> npt.NDArray[np.float64]:
    """Draw bootstrap resamples as counts.

    Returns:
        `(n_samples, n_units) float64`: how often a resample holds each unit.
    """
    rng = np.random.default_rng(seed)
    counts = np.empty((n_samples, n_units))
    step = max(1, _CHUNK // n_units)
    for start in range(0, n_samples, step):
        rows = min(step, n_samples - start)
        indices = rng.choice(n_units, size=(rows, n_units), replace=True)
        indices += np.arange(rows)[:, None] * n_units
        counts[start : start + rows] = np.bincount(indices.ravel(), minlength=rows * n_units).reshape(
            rows, n_units
        )
    return counts


def resampled_scores(statistics: Statistics, counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Score every resample: `(n_samples,) float64`.

    The sums are cut to single precision because sacreBLEU computes its resampled scores in it.
    """
    sums = (counts @ statistics.values).astype(np.float32)
    return np.asarray(statistics.formula(sums), dtype=np.float64)


def interval(scores: npt.NDArray[np.float64], seed: int) -> ConfidenceInterval:
    """Estimate mean and 95 % half-width from resampled scores (the central 95 %, halved)."""
    ordered = np.sort(scores)
    cut = len(ordered) // 40
    half = 0.5 * (ordered[len(ordered) - cut - 1] - ordered[cut])
    return ConfidenceInterval(float(ordered.mean()), float(half), len(ordered), seed)


def bootstrap_p_value(
    baseline: npt.NDArray[np.float64], system: npt.NDArray[np.float64], difference: float
) -> float:
    """Two-sided p-value of the paired bootstrap.

    Args:
        baseline: resampled scores `(n_samples,)`.
        system: scores of the same resamples `(n_samples,)`.
        difference: of the two corpus scores, absolute.
    """
    deltas = np.abs(system - baseline)
    return _p_value(deltas - deltas.mean(), difference)


class RandomisationTest:
    """Paired approximate randomisation with one set of trials for all pairs of systems."""

    def __init__(self, n_units: int, n_trials: int, seed: int) -> None:
        """Draw the swaps: `(n_trials, n_units) bool`."""
        rng = np.random.default_rng(seed)
        self._swaps = rng.integers(2, size=(n_trials, n_units), dtype=bool)

    def p_value(self, baseline: Statistics, system: Statistics) -> float:
        """Two-sided p-value of the difference between two systems on one metric."""
        ours, theirs = baseline.values, system.values
        total = ours.sum(axis=0) + theirs.sum(axis=0)
        first = np.empty((len(self._swaps), ours.shape[1]))
        step = max(1, _CHUNK // len(ours))
        for start in range(0, len(self._swaps), step):
            first[start : start + step] = self._swaps[start : start + step].astype(np.float64) @ (
                ours - theirs
            )
        first += theirs.sum(axis=0)
        gaps = np.abs(baseline.formula(first) - system.formula(total - first))
        return _p_value(np.asarray(gaps, dtype=np.float64), abs(baseline.corpus - system.corpus))


class PairedTest:
    """The paired test of one kind for any two systems of one comparison."""

    def __init__(self, kind: str, n_units: int, n_samples: int | None = None, seed: int = SEED) -> None:
        """Draw the random numbers once.

        Args:
            kind: "bs" (paired bootstrap) or "ar" (approximate randomisation).
            n_units: units that every system has.
            n_samples: resamples or trials; sacreBLEU's defaults (1,000 and 10,000) when None.
            seed: of the random numbers.
        """
        if kind not in DEFAULT_SAMPLES:
            raise ValueError(f"unknown test {kind!r}: expected bs or ar")
        self.kind = kind
        self.seed = seed
        self.n_samples = n_samples or DEFAULT_SAMPLES[kind]
        n_bootstrap = self.n_samples if kind == "bs" else DEFAULT_SAMPLES["bs"]
        self._counts = bootstrap_counts(n_units, n_bootstrap, seed)
        self._swaps = RandomisationTest(n_units, self.n_samples, seed) if kind == "ar" else None
        # By identity of the statistics, which are kept alive here so that no identity is used twice.
        self._resampled: dict[int, tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]] = {}

    def signature_options(self) -> dict[str, int]:
        """What sacreBLEU adds to a signature for this test."""
        if self.kind == "bs":
            return {"bs": self.n_samples, "seed": self.seed}
        return {"bs": len(self._counts), "ar": self.n_samples, "seed": self.seed}

    def interval(self, statistics: Statistics) -> ConfidenceInterval:
        """Bootstrap interval of one system on one metric."""
        return interval(self._scores(statistics), self.seed)

    def p_value(self, baseline: Statistics, system: Statistics) -> float:
        """Two-sided p-value of two systems on one metric.

        Raises:
            MismatchError: the two were measured differently or on different numbers of units.
        """
        if baseline.name != system.name or baseline.values.shape != system.values.shape:
            raise MismatchError(
                f"cannot test {baseline.name} against {system.name}: not the same metric and units"
            )
        if self._swaps is not None:
            return self._swaps.p_value(baseline, system)
        difference = abs(baseline.corpus - system.corpus)
        return bootstrap_p_value(self._scores(baseline), self._scores(system), difference)

    def _scores(self, statistics: Statistics) -> npt.NDArray[np.float64]:
        key = id(statistics.values)
        if key not in self._resampled:
            self._resampled[key] = (statistics.values, resampled_scores(statistics, self._counts))
        return self._resampled[key][1]


def significance_groups(p_values: Sequence[Sequence[float]], order: Sequence[int]) -> list[int]:
    """Group systems that the test does not tell apart.

    Args:
        p_values: `[i][j]` for each pair of systems.
        order: the systems, best first.

    Returns:
        The group of each system, 1 = best. Down the order, a system opens a new group when it differs
        significantly from every member of the group above it.
    """
    groups = [0] * len(order)
    members: list[int] = []
    number = 1
    for system in order:
        if members and all(p_values[member][system] < ALPHA for member in members):
            number += 1
            members = []
        members.append(system)
        groups[system] = number
    return groups


def _p_value(gaps: npt.NDArray[np.float64], difference: float) -> float:
    """Share of trials with a larger gap; one more in both counts, so that no p-value is 0."""
    return float((np.sum(gaps > difference) + 1) / (len(gaps) + 1))
