"""The banded, vectorised search against an obvious full-matrix one."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dragoman.corpora.align_band import Band, Block, Chunk
from dragoman.corpora.align_batch import Gaps
from dragoman.corpora.align_best import Step
from dragoman.corpora.align_search import search

KINDS = ((1, 1), (1, 2), (2, 1), (2, 2), (1, 3))


class TableScorer:
    """Random scores; entry [k, i, j] is for the bead of type k that ends at (i, j)."""

    def __init__(self, n_src: int, n_tgt: int, seed: int) -> None:
        self.table = np.random.default_rng(seed).normal(0.2, 0.5, (len(KINDS), n_src + 5, n_tgt + 5))
        self.kinds = KINDS

    def __call__(self, chunk: Chunk) -> NDArray[np.float32]:
        rows = np.arange(chunk.first, chunk.last)[:, None]
        columns = np.minimum(chunk.lo[:, None] + np.arange(chunk.width), self.table.shape[2] - 1)
        return self.table[:, rows, columns].astype(np.float32)


def gaps(n_src: int, n_tgt: int) -> Gaps:
    def fill(n: int, value: float) -> NDArray[np.float32]:
        return np.full(n, value, np.float32)

    return Gaps(fill(n_src, 0.3), fill(n_src, 0.1), fill(n_tgt, 0.25), fill(n_tgt, 0.05))


Path = tuple[tuple[int, int, int, int], ...]


def all_paths(scorer: TableScorer, n_src: int, n_tgt: int) -> list[tuple[float, Path]]:
    """Score every path, one at a time; runs of skipped target sentences follow nothing of their kind."""
    found: list[tuple[float, Path]] = []
    cost = gaps(n_src, n_tgt)

    def walk(i: int, j: int, last: str, total: float, path: Path) -> None:
        if (i, j) == (n_src, n_tgt):
            found.append((total, path))
            return
        for kind, (n, m) in enumerate(KINDS):
            if i + n <= n_src and j + m <= n_tgt:
                score = float(np.float32(scorer.table[kind, i + n, j + m]))
                walk(i + n, j + m, "bead", total + score, (*path, (i, j, n, m)))
        if i < n_src:
            price = cost.src_extend[i] if last == "src" else cost.src_open[i]
            walk(i + 1, j, "src", total - float(price), (*path, (i, j, 1, 0)))
        if j < n_tgt:
            price = cost.tgt_extend[j] if last == "tgt" else cost.tgt_open[j]
            walk(i, j + 1, "tgt", total - float(price), (*path, (i, j, 0, 1)))

    walk(0, 0, "", 0.0, ())
    return found


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 10_000))
def test_the_search_finds_the_best_of_all_paths_and_its_posteriors(n_src: int, n_tgt: int, seed: int) -> None:
    scorer = TableScorer(n_src, n_tgt, seed)
    paths = all_paths(scorer, n_src, n_tgt)
    best, _ = max(paths)
    temperature = 0.4
    steps = search(scorer, Band.full(n_src, n_tgt), gaps(n_src, n_tgt), temperature)
    mine: Path = tuple((s.src, s.tgt, s.n, s.m) for s in steps)
    assert {path: total for total, path in paths}[mine] == pytest.approx(best, abs=1e-4)
    whole = math.fsum(math.exp(total / temperature) for total, _ in paths)
    for step in steps:
        if step.n and step.m:
            key = [(step.src, step.tgt, step.n, step.m)]
        elif step.n:
            key = [(step.src, j, 1, 0) for j in range(n_tgt + 1)]
        else:
            key = [(i, step.tgt, 0, 1) for i in range(n_src + 1)]
        with_it = math.fsum(math.exp(total / temperature) for total, path in paths if set(key) & set(path))
        assert step.posterior == pytest.approx(with_it / whole, abs=2e-3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_band_that_holds_the_best_path_finds_it(seed: int) -> None:
    n_src, n_tgt = 30, 34
    scorer = TableScorer(n_src, n_tgt, seed)
    whole = search(scorer, Band.full(n_src, n_tgt), gaps(n_src, n_tgt))
    corners = np.array([(s.src, s.tgt) for s in whole] + [(n_src, n_tgt)])
    lo = np.array([corners[corners[:, 0] <= i, 1].max() for i in range(n_src + 1)])
    lo = np.minimum.accumulate(np.maximum(lo - 3, 0)[::-1])[::-1]
    lo[0] = 0
    hi = np.maximum.accumulate(np.minimum(lo + 12, n_tgt + 1))
    hi[-1] = n_tgt + 1
    inside = all(lo[i] <= j < hi[i] for i, j in corners.tolist())
    banded = search(scorer, Band(lo, hi), gaps(n_src, n_tgt))
    if inside:
        assert [(s.src, s.tgt, s.n, s.m) for s in banded] == [(s.src, s.tgt, s.n, s.m) for s in whole]


class SharpScorer:
    """Beads on a wavy path are worth more; all else is noise."""

    def __init__(self, n_src: int, seed: int) -> None:
        draw = np.random.default_rng(seed)
        self.kinds = KINDS
        self.noise = draw.normal(0.0, 0.1, (len(KINDS), n_src + 1, 41)).astype(np.float32)
        self.path = np.round(np.arange(n_src + 1) + 6 * np.sin(np.arange(n_src + 1) / 50)).astype(np.int64)

    def __call__(self, chunk: Chunk) -> NDArray[np.float32]:
        rows = np.arange(chunk.first, chunk.last)[:, None]
        columns = chunk.lo[:, None] + np.arange(chunk.width)
        scores = self.noise[:, rows, np.clip(columns - rows + 20, 0, 40)]
        return np.where(columns == self.path[rows], scores + np.float32(0.5), scores)


@pytest.mark.parametrize("seed", range(3))
def test_blocks_of_a_long_band_are_joined_to_the_path_of_the_whole(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    n = 1_500
    scorer = SharpScorer(n, seed)
    line = np.arange(n + 1)
    band = Band(np.maximum(line - 15, 0), np.minimum(line + 16, n + 1))
    assert len(band.blocks()) > 4
    in_blocks = search(scorer, band, gaps(n, n), 0.2)
    monkeypatch.setattr(Band, "blocks", lambda band: [Block(0, len(band.lo), 0)])
    at_once = search(scorer, band, gaps(n, n), 0.2)
    assert [step[:4] for step in in_blocks] == [step[:4] for step in at_once]
    for one, other in zip(in_blocks, at_once, strict=True):
        assert one.posterior == pytest.approx(other.posterior, abs=2e-3)


class EqualScorer:
    """Text that says the same again and again: each 1-1 bead is as good as any other."""

    kinds = KINDS

    def __call__(self, chunk: Chunk) -> NDArray[np.float32]:
        scores = np.full((len(KINDS), chunk.last - chunk.first, chunk.width), 0.1, np.float32)
        scores[0] = 0.3
        return scores


@pytest.mark.parametrize("n_tgt", [6_000, 6_200, 5_800])
def test_blocks_of_a_text_that_repeats_itself_are_joined_nearly_as_well(
    n_tgt: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_src = 6_000
    line = np.round(np.arange(n_src + 1) * n_tgt / n_src).astype(np.int64)
    band = Band(np.maximum(line - 15, 0), np.minimum(line + 16, n_tgt + 1))
    costs = gaps(n_src, n_tgt)

    def total(steps: Sequence[Step]) -> float:
        """Score a path; each run of skipped sentences is at most opened anew at each."""
        opens = sum(0.3 if s.m == 0 else 0.25 for s in steps if not (s.n and s.m))
        return sum(s.score for s in steps) - opens

    in_blocks = search(EqualScorer(), band, costs, 0.2)
    assert [(s.src, s.tgt) for s in in_blocks] == starts(in_blocks, n_src, n_tgt)
    if n_src == n_tgt:
        assert all((s.n, s.m) == (1, 1) for s in in_blocks)
    monkeypatch.setattr(Band, "blocks", lambda band: [Block(0, len(band.lo), 0)])
    assert total(in_blocks) >= 0.99 * total(search(EqualScorer(), band, costs))


def starts(steps: Sequence[Step], n_src: int, n_tgt: int) -> list[tuple[int, int]]:
    """Return where the steps start when each begins where the one before it ends, up to the texts' ends."""
    ends = list(itertools.accumulate(((s.n, s.m) for s in steps), lambda a, b: (a[0] + b[0], a[1] + b[1])))
    assert ends[-1] == (n_src, n_tgt)
    return [(0, 0), *ends[:-1]]


def test_a_band_with_a_hole_is_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        Band(np.array([0, 5]), np.array([3, 8]))
