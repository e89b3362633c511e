"""Pearson's and Spearman's correlation of segment scores."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dragoman.eval.comparison import Correlation


def pearson(first: Sequence[float], second: Sequence[float]) -> float:
    """Linear correlation, NaN when a side does not vary.

    >>> round(pearson([1, 2, 3], [2, 4, 7]), 4)
    0.9934
    """
    x, y = (np.asarray(side, dtype=np.float64) for side in (first, second))
    x, y = x - x.mean(), y - y.mean()
    norm = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / norm if norm > 0 else float("nan")


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """Rank correlation; ties share their mean rank.

    >>> spearman([1, 2, 3, 4], [10, 30, 20, 40])
    0.8
    """
    return pearson(ranks(first), ranks(second))


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1, ties sharing their mean.

    >>> ranks([30, 10, 10, 20])
    [4.0, 1.5, 1.5, 3.0]
    """
    array = np.asarray(values, dtype=np.float64)
    _, group, sizes = np.unique(array, return_inverse=True, return_counts=True)
    last: npt.NDArray[np.float64] = np.cumsum(sizes).astype(np.float64)
    means = last - (sizes - 1) / 2
    return [float(means[i]) for i in group]


def correlations(
    systems: Sequence[str], metrics: Sequence[str], scores: Sequence[Sequence[npt.NDArray[np.float64]]]
) -> tuple[Correlation, ...]:
    """Correlate every two metrics on each system's segments and on all of them pooled.

    Args:
        systems: names.
        metrics: names.
        scores: `[system][metric]` → `(n_segments,)`.
    """
    pooled = [np.concatenate([system[i] for system in scores]) for i in range(len(metrics))]
    groups = list(zip(systems, scores, strict=True))
    if len(systems) > 1:
        groups.append(("all systems", pooled))
    return tuple(
        Correlation(
            system=name,
            first=metrics[i],
            second=metrics[j],
            pearson=pearson(list(by_metric[i]), list(by_metric[j])),
            spearman=spearman(list(by_metric[i]), list(by_metric[j])),
            n_segments=len(by_metric[i]),
        )
        for name, by_metric in groups
        for i in range(len(metrics))
        for j in range(i + 1, len(metrics))
        if len(by_metric[i]) > 1
    )
