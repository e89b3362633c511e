"""The search for the best sequence of beads: dynamic programming over a band, with posteriors.

A path goes from (0, 0) to (n_src, n_tgt); a bead n-m is a step from (i, j) to (i + n, j + m). Sentences
that have no counterpart are skipped, at an opening cost for the first of a run and a smaller one for the
others (affine gaps, Gotoh 1982). The search runs row by row over the source; within a row only runs of
skipped target sentences depend on each other, and those are a running maximum (a running log-sum for the
posteriors), so that each row is a handful of array operations.

Forward and backward sums over all paths (as in a hidden Markov model, Rabiner 1989) give the probability of
each bead of the best path among all alignments that the band allows.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_NEVER = -1e9
_SRC_GAP, _TGT_GAP = -1, -2
_CHUNK_CELLS = 60_000
_CHUNK_ROWS = 64
_KEPT_SCORES = 60_000_000  # bead scores of the forward search that the backward search finds again


@dataclass(frozen=True, slots=True)
class Band:
    """The cells that the search visits: row i (source position 0 … n_src) has columns `lo[i]:hi[i]`.

    Both arrays are `(n_src + 1,)` int64 and never fall; rows that follow each other overlap by a column or
    more.
    """

    lo: NDArray[np.int64]
    hi: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.lo[0] != 0 or np.any(self.hi <= self.lo) or np.any(self.lo[1:] >= self.hi[:-1]):
            raise ValueError("a band starts at column 0 and its rows overlap")

    @staticmethod
    def full(n_src: int, n_tgt: int) -> "Band":
        """All cells."""
        return Band(np.zeros(n_src + 1, np.int64), np.full(n_src + 1, n_tgt + 1, np.int64))

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each row starts when the cells are laid out one after the other: `(n_src + 2,)`."""
        return np.concatenate([[0], np.cumsum(self.hi - self.lo)])

    def chunks(self) -> list["Chunk"]:
        """Cut the rows into runs of similar width whose bounding boxes stay small."""
        lows, highs = self.lo.tolist(), self.hi.tolist()
        runs, first, widest, n_cells = [], 0, 0, 0
        for row, (lo, hi) in enumerate(zip(lows, highs, strict=True)):
            n_rows, wider = row - first + 1, max(widest, hi - lo)
            box = n_rows * (hi - lows[first])
            fits = box <= _CHUNK_CELLS and n_rows * wider <= 2 * (n_cells + hi - lo)
            if n_rows > 1 and not (fits and n_rows <= _CHUNK_ROWS):
                runs.append(Chunk(first, row, self.lo[first:row], widest))
                first, wider, n_cells = row, hi - lo, 0
            widest, n_cells = wider, n_cells + hi - lo
        runs.append(Chunk(first, len(lows), self.lo[first:], widest))
        return runs


class Chunk(NamedTuple):
    """Rows `first:last` of a band, each with the columns from its `lo` on, `width` of them."""

    first: int
    last: int
    lo: NDArray[np.int64]
    width: int


class BeadScorer(Protocol):
    """What the search asks for bead scores."""

    @property
    def kinds(self) -> tuple[tuple[int, int], ...]:
        """Bead types (n, m), both at least 1."""

    def __call__(self, chunk: Chunk) -> Floats:
        """Score the beads that end at the cells of a chunk.

        Returns:
            `(n_kinds, last - first, width)` float32, higher is better, finite; beads that reach outside of
            the document may have any score.
        """


@dataclass(frozen=True, slots=True)
class Gaps:
    """Costs of sentences without a counterpart: the first of a run (open), each further one (extend).

    Each is `(n,)` float32 over the sentences of its side, in units of the bead scores.
    """

    src_open: Floats
    src_extend: Floats
    tgt_open: Floats
    tgt_extend: Floats


@dataclass(frozen=True, slots=True)
class Step:
    """A bead of the best path: sentences `src:src + n` with `tgt:tgt + m`."""

    src: int
    tgt: int
    n: int
    m: int
    score: float
    posterior: float
    monotone: bool = True


def search(scorer: BeadScorer, band: Band, gaps: Gaps, temperature: float | None = None) -> list[Step]:
    """Find the best path, and with a temperature the posterior of each of its beads.

    Args:
        scorer: the bead scores.
        band: the cells to visit; its last row must hold the column n_tgt.
        gaps: costs of skipped sentences.
        temperature: scores are divided by it before they are exponents; None: no posteriors (they are 1.0).

    Returns:
        The beads in order; each skipped sentence is a bead of its own.
    """
    forward = _Forward(scorer, band, gaps, temperature)
    if temperature is None:
        return forward.trace()
    return _Backward(forward, temperature).posteriors(forward.trace())


class _Forward:
    """Best and summed scores of all paths from the start to each cell of the band."""

    def __init__(self, scorer: BeadScorer, band: Band, gaps: Gaps, temperature: float | None) -> None:
        self.scorer, self.band, self.gaps = scorer, band, gaps
        self.starts = band.starts
        n_cells = int(self.starts[-1])
        self.choice = np.zeros(n_cells, np.int8)
        self.score = np.zeros(n_cells, np.float32)  # of the best bead that ends here
        self.src_opens = np.zeros(n_cells, bool)
        self.tgt_opens = np.zeros(n_cells, bool)
        # Log-sums over paths, less the row's `base`: all paths, those that end in a run of skipped source
        # sentences, those that end in a run of skipped target sentences.
        self.total = np.zeros(n_cells if temperature else 0, np.float32)
        self.src_run = np.zeros(n_cells if temperature else 0, np.float32)
        self.tgt_run = np.zeros(n_cells if temperature else 0, np.float32)
        self.base = np.zeros(len(band.lo))
        self.chunks = band.chunks()
        n_scores = len(scorer.kinds) * sum((chunk.last - chunk.first) * chunk.width for chunk in self.chunks)
        self._kept: dict[int, Floats] | None = {} if temperature and n_scores <= _KEPT_SCORES else None
        self._run(1.0 / temperature if temperature else None)

    def scores(self, chunk: Chunk) -> Floats:
        """Return the bead scores of a chunk, which are computed once where memory allows it."""
        if self._kept is None:
            return self.scorer(chunk)
        if chunk.first not in self._kept:
            self._kept[chunk.first] = self.scorer(chunk)
            return self._kept[chunk.first]
        return self._kept.pop(chunk.first)

    def _run(self, heat: float | None) -> None:
        kinds, band, gaps = self.scorer.kinds, self.band, self.gaps
        n_rows = max(n for n, _ in kinds) + 1
        margin = max(m for _, m in kinds)
        width = int(band.hi[-1]) + margin
        best_ring, sum_ring = np.full((n_rows, width), _NEVER), np.full((n_rows, width), _NEVER)
        best_flat, sum_flat = best_ring.reshape(-1), sum_ring.reshape(-1)
        src_best, src_sum = np.full(width, _NEVER), np.full(width, _NEVER)
        fresh = np.full(
            width, _NEVER
        )  # paths to the row before that do not end in a run of skipped source sentences
        back_rows = np.array([n for n, _ in kinds])
        widest = int((band.hi - band.lo).max())
        # Where each bead type starts, for a row in each slot of the ring and column 0 …
        origins = [
            ((slot - back_rows) % n_rows * width + margin - np.array([m for _, m in kinds]))[:, None]
            + np.arange(widest)
            for slot in range(n_rows)
        ]
        every = np.arange(widest)
        extend = np.concatenate([[0.0], np.cumsum(gaps.tgt_extend, dtype=np.float64)])
        opening = np.append(gaps.tgt_open - gaps.tgt_extend, 0.0).astype(np.float64)
        lows, highs, starts = band.lo.tolist(), band.hi.tolist(), self.starts.tolist()
        for chunk in self.chunks:
            scores = self.scores(chunk)
            for row in range(chunk.first, chunk.last):
                lo, hi = lows[row], highs[row]
                out = slice(starts[row], starts[row + 1])
                here = slice(lo + margin, hi + margin)
                slot, previous = row % n_rows, (row - 1) % n_rows
                if row >= n_rows:
                    stale = slice(lows[row - n_rows] + margin, highs[row - n_rows] + margin)
                    best_ring[slot, stale] = _NEVER
                    if heat is not None:
                        sum_ring[slot, stale] = _NEVER
                where = origins[slot][:, : hi - lo] + lo
                row_scores = scores[:, row - chunk.first, : hi - lo]
                candidates = best_flat.take(where)
                candidates += row_scores
                choice = candidates.argmax(axis=0)
                best = candidates[choice, every[: hi - lo]]
                self.score[out] = row_scores[choice, every[: hi - lo]]
                if row == 0:
                    best[0] = 0.0
                else:
                    opened = best_ring[previous, here] - gaps.src_open[row - 1]
                    run = src_best[here] - gaps.src_extend[row - 1]
                    self.src_opens[out] = opened >= run
                    np.maximum(opened, run, out=run)
                    src_best[here] = run
                    choice[run > best] = _SRC_GAP
                    np.maximum(best, run, out=best)
                offer = best - opening[lo:hi]
                offer += extend[lo:hi]
                reach = np.maximum.accumulate(offer)
                self.tgt_opens[out] = offer >= reach
                skipped = reach[:-1] - extend[lo + 1 : hi]
                choice[1:][skipped > best[1:]] = _TGT_GAP
                np.maximum(best[1:], skipped, out=best[1:])
                self.choice[out] = choice
                best_ring[slot, here] = best
                if heat is None:
                    continue
                candidates = sum_flat.take(where)
                candidates += row_scores * heat
                total = _log_sum(candidates)
                if row == 0:
                    total[0] = 0.0
                    plain = total.copy()
                else:
                    plain = total
                    opened = fresh[here] - heat * gaps.src_open[row - 1]
                    run = np.logaddexp(opened, src_sum[here] - heat * gaps.src_extend[row - 1])
                    src_sum[here] = run
                    total = np.logaddexp(total, run)
                offer = total + heat * (extend[lo:hi] - opening[lo:hi])
                skipped = np.logaddexp.accumulate(offer)[:-1] - heat * extend[lo + 1 : hi]
                total[1:] = np.logaddexp(total[1:], skipped)
                plain[1:] = np.logaddexp(plain[1:], skipped)
                sum_ring[slot, here] = total
                fresh[here] = plain
                self.base[row] = base = total.max()
                self.total[out] = total - base
                self.src_run[out] = src_sum[here] - base
                self.tgt_run[out][0] = _NEVER
                self.tgt_run[out][1:] = skipped - base

    def trace(self) -> list[Step]:
        """Follow the best path back from the end."""
        band, starts, kinds = self.band, self.starts, self.scorer.kinds
        row, column = len(band.lo) - 1, int(band.hi[-1]) - 1
        steps: list[Step] = []
        while row or column:
            cell = int(starts[row]) + column - int(band.lo[row])
            choice = int(self.choice[cell])
            if choice == _SRC_GAP:
                opens = False
                while not opens:
                    opens = bool(self.src_opens[int(starts[row]) + column - int(band.lo[row])])
                    row -= 1
                    steps.append(Step(row, column, 1, 0, 0.0, 1.0))
            elif choice == _TGT_GAP:
                opens = False
                while not opens:
                    column -= 1
                    opens = bool(self.tgt_opens[int(starts[row]) + column - int(band.lo[row])])
                    steps.append(Step(row, column, 0, 1, 0.0, 1.0))
            else:
                n, m = kinds[choice]
                row, column = row - n, column - m
                steps.append(Step(row, column, n, m, float(self.score[cell]), 1.0))
        return steps[::-1]


def _log_sum(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log Σ exp over the first axis; `values` is overwritten."""
    top = values.max(axis=0)
    values -= top
    np.exp(values, out=values)
    result: NDArray[np.float64] = np.log(values.sum(axis=0))
    result += top
    return result


class _Backward:
    """Summed scores of all paths from each cell of the band to the end, and the posteriors they give."""

    def __init__(self, forward: _Forward, temperature: float) -> None:
        self.forward = forward
        self.heat = 1.0 / temperature
        n_cells = len(forward.choice)
        # Log-sums less the row's `base`: paths that go on from here freely; that go on after a skipped target
        # sentence (they may not open a second run of those); after a skipped source sentence.
        self.free = np.zeros(n_cells, np.float32)
        self.tgt_run = np.zeros(n_cells, np.float32)
        self.src_run = np.zeros(n_cells, np.float32)
        self.base = np.zeros(len(forward.band.lo))
        self._run()

    def _run(self) -> None:
        forward, heat = self.forward, self.heat
        band, gaps, kinds = forward.band, forward.gaps, forward.scorer.kinds
        n_rows = max(n for n, _ in kinds) + 1
        margin = max(m for _, m in kinds)
        width = int(band.hi[-1]) + margin
        # What each bead type adds to the cell that it starts from, at [row, type, column + margin].
        ring = np.full((n_rows, len(kinds), width), _NEVER)
        flat = ring.reshape(-1)
        src_sum = np.full(width, _NEVER)
        back_rows = np.array([n for n, _ in kinds])
        widest = int((band.hi - band.lo).max())
        # Where the beads that end in a row start, for each slot of the row and column 0 …
        kind_origins = np.arange(len(kinds)) * width + margin - np.array([m for _, m in kinds])
        origins = [
            ((slot - back_rows) % n_rows * len(kinds) * width + kind_origins)[:, None] + np.arange(widest)
            for slot in range(n_rows)
        ]
        extend = heat * np.concatenate([[0.0], np.cumsum(gaps.tgt_extend, dtype=np.float64)])
        opening = heat * np.append(gaps.tgt_open, 0.0).astype(np.float64)
        lows, highs, starts = band.lo.tolist(), band.hi.tolist(), forward.starts.tolist()
        final = len(lows) - 1
        for chunk in reversed(forward.chunks):
            scores = forward.scores(chunk) * np.float32(heat)
            for row in range(chunk.last - 1, chunk.first - 1, -1):
                lo, hi = lows[row], highs[row]
                here = slice(lo, hi)
                out = slice(starts[row], starts[row + 1])
                slot = row % n_rows
                onward = _log_sum(ring[slot, :, lo + margin : hi + margin])
                ring[slot, :, lo : highs[min(row + n_rows, final)] + margin] = _NEVER
                beads = onward
                if row == final:
                    onward[-1] = 0.0
                    after_src = np.full(hi - lo, _NEVER)
                else:
                    after_src = src_sum[here]
                    onward = np.logaddexp(onward, after_src - heat * gaps.src_open[row])
                # Column j can be left by skipping target sentence j; sentence n_tgt does not exist.
                run = np.logaddexp.accumulate((onward - extend[here])[::-1])[::-1] + extend[here]
                free = onward.copy()
                free[:-1] = np.logaddexp(onward[:-1], run[1:] - opening[lo : hi - 1])
                if row == final:
                    src_here = free.copy()
                else:
                    src_here = np.logaddexp(beads, after_src - heat * gaps.src_extend[row])
                    src_here[:-1] = np.logaddexp(src_here[:-1], run[1:] - opening[lo : hi - 1])
                src_sum[here] = src_here
                flat[origins[slot][:, : hi - lo] + lo] = scores[:, row - chunk.first, : hi - lo] + free
                self.base[row] = base = free.max()
                self.free[out] = free - base
                self.tgt_run[out] = run - base
                self.src_run[out] = src_here - base

    def posteriors(self, steps: list[Step]) -> list[Step]:
        """Give each bead its probability; a skipped sentence that of being skipped at any place."""
        forward = self.forward
        band, starts = forward.band, forward.starts
        whole = float(forward.total[-1]) + float(forward.base[-1])
        src_null, tgt_null = self._null_posteriors(whole)
        done = []
        for step in steps:
            if step.m == 0:
                posterior = float(src_null[step.src])
            elif step.n == 0:
                posterior = float(tgt_null[step.tgt])
            else:
                row, end = step.src, step.src + step.n
                start_cell = int(starts[row]) + step.tgt - int(band.lo[row])
                end_cell = int(starts[end]) + step.tgt + step.m - int(band.lo[end])
                log = float(forward.total[start_cell]) + float(self.free[end_cell]) + self.heat * step.score
                posterior = float(np.exp(min(0.0, log + forward.base[row] + self.base[end] - whole)))
            done.append(Step(step.src, step.tgt, step.n, step.m, step.score, min(1.0, posterior)))
        return done

    def _null_posteriors(self, whole: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Sum the probability of skipping each sentence over the places where that can happen."""
        forward, heat = self.forward, self.heat
        band, gaps, starts = forward.band, forward.gaps, forward.starts
        n_src, n_tgt = len(band.lo) - 1, int(band.hi[-1]) - 1
        src_null, tgt_null = np.zeros(n_src), np.zeros(n_tgt)
        some_rows = max(1, 500_000 // int((band.hi - band.lo).max()))
        for first in range(0, n_src + 1, some_rows):
            last = min(first + some_rows, n_src + 1)
            here = slice(int(starts[first]), int(starts[last]))
            row = np.repeat(np.arange(first, last), band.hi[first:last] - band.lo[first:last])
            column = np.arange(here.start, here.stop) - starts[row] + band.lo[row]
            base = forward.base[row] - whole
            total = forward.total[here]
            inner = np.flatnonzero(column < band.hi[row] - 1)
            skips = _skips(
                total[inner],
                forward.tgt_run[here][inner],
                gaps.tgt_open,
                gaps.tgt_extend,
                column[inner],
                heat,
            )
            logs = skips + self.tgt_run[here][inner + 1] + base[inner] + self.base[row[inner]]
            tgt_null += np.bincount(column[inner], weights=np.exp(np.minimum(logs, 0.0)), minlength=n_tgt)
            following = np.minimum(row + 1, n_src)
            inner = np.flatnonzero((row < n_src) & (column >= band.lo[following]))
            then = starts[following[inner]] + column[inner] - band.lo[following[inner]]
            skips = _skips(
                total[inner], forward.src_run[here][inner], gaps.src_open, gaps.src_extend, row[inner], heat
            )
            logs = skips + self.src_run[then] + base[inner] + self.base[following[inner]]
            src_null += np.bincount(row[inner], weights=np.exp(np.minimum(logs, 0.0)), minlength=n_src)
        return np.minimum(src_null, 1.0), np.minimum(tgt_null, 1.0)


def _skips(
    total: Floats, run: Floats, opening: Floats, extend: Floats, sentence: NDArray[np.int64], heat: float
) -> NDArray[np.float64]:
    """Log-sum the ways to skip a sentence from each cell: as the first of a run, or one more of a run."""
    fresh = total + np.log1p(-np.exp(np.minimum(run - total, np.float32(-1e-6))))
    skips: NDArray[np.float64] = np.logaddexp(
        fresh - heat * opening[sentence].astype(np.float64), run - heat * extend[sentence].astype(np.float64)
    )
    return skips
