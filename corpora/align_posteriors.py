"""How probable each bead of a path is among all alignments that the band allows.

Forward and backward sums over all paths (as in a hidden Markov model, Rabiner 1989, A tutorial on hidden
Markov models) of exp(score / temperature), for all blocks of a batch at once. Runs of skipped sentences of
one side may follow those of the other, but not their own kind.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dragoman.corpora.align_batch import LEVEL_ROWS, NEVER, Batch, Floats, log_sum, lower
from dragoman.corpora.align_best import Step


class PathSums:
    """Log-sums over the paths to and from each cell of a batch, each row less its level.

    Attributes:
        total: `(n_rows, n_blocks, width)`, paths that come to a cell.
        src_runs: those of them that end in a run of skipped source sentences.
        tgt_runs: those that end in a run of skipped target sentences.
        free: paths that go on from a cell.
        after_src: those that may go on after a skipped source sentence.
        after_tgt: those that may go on after a skipped target sentence.
    """

    def __init__(self, batch: Batch, temperature: float) -> None:
        self.batch, self.heat = batch, np.float32(1 / temperature)
        shape = (batch.n_rows, len(batch.blocks), batch.width)
        self.total, self.src_runs, self.tgt_runs, self.free, self.after_src, self.after_tgt = (
            np.full(shape, NEVER, np.float32) for _ in range(6)
        )
        # What the rows' values count from: `(n_rows, n_blocks)`.
        self.levels_to, self.levels_from = (np.zeros((batch.n_rows, len(batch.blocks))) for _ in range(2))
        self._forward()
        self._backward()

    def _forward(self) -> None:
        batch, heat = self.batch, self.heat
        total_rows: dict[int, Floats] = {}
        here = slice(batch.most_m, batch.most_m + batch.width)
        # Of the row before: paths that skip a source sentence last, and those that do not.
        run_row, plain_row = batch.blank(dtype=np.float32), batch.blank(dtype=np.float32)
        level = np.zeros(len(batch.blocks))
        for row in range(batch.n_rows):
            total_rows[row] = batch.blank(dtype=np.float32)
            total = total_rows[row][:, here]
            if row == 0:
                batch.open_starts(total)
                plain = total.copy()
                run = np.full_like(plain, NEVER)
            else:
                candidates = batch.scores(row) * heat
                batch.go_on(candidates, total_rows, row)
                plain = log_sum(candidates)
                src_open, src_extend = batch.src_costs(row)
                opened = batch.earlier(plain_row, row, 1)[:, batch.most_m :] - heat * src_open
                longer = batch.earlier(run_row, row, 1)[:, batch.most_m :] - heat * src_extend
                run = np.logaddexp(opened, longer)
                np.logaddexp(plain, run, out=total)
            surplus, extend = batch.tgt_costs(row)
            extend *= heat
            offer = total - heat * surplus + extend
            skipped = np.logaddexp.accumulate(offer, axis=1)[:, :-1] - extend[:, 1:]
            np.logaddexp(total[:, 1:], skipped, out=total[:, 1:])
            np.logaddexp(plain[:, 1:], skipped, out=plain[:, 1:])
            batch.shut(row, total, run, plain)
            run_row[:, here], plain_row[:, here] = run, plain
            self.total[row], self.src_runs[row], self.tgt_runs[row, :, 1:] = total, run, skipped
            batch.shut(row, self.tgt_runs[row])
            self.levels_to[row] = level
            total_rows.pop(row - batch.lanes[-1].n, None)
            if row % LEVEL_ROWS == 0:
                level = level + lower(total, [*total_rows.values(), run_row, plain_row])

    def _backward(self) -> None:
        batch, heat = self.batch, self.heat
        # Of later rows: what the beads that end in each cell are worth, with the paths from there.
        end_rows: dict[int, Floats] = {}
        here = slice(batch.furthest, batch.furthest + batch.width)
        after_row = batch.blank(1, dtype=np.float32)
        level = np.zeros(len(batch.blocks))
        for row in range(batch.n_rows - 1, -1, -1):
            beads = np.empty((len(batch.kinds), len(batch.blocks), batch.width), np.float32)
            for lane in batch.lanes:
                numbers = slice(lane.first, lane.last)
                if row + lane.n < batch.n_rows:
                    beads[numbers] = batch.later(end_rows[row + lane.n][numbers], row, lane.n)
                else:
                    beads[numbers] = NEVER
            onward = log_sum(beads)
            after_src = onward.copy()
            if row + 1 < batch.n_rows:
                src_open, src_extend = batch.src_costs(row + 1)
                down = batch.later(after_row, row, 1, shift=0)[0]
                np.logaddexp(after_src, down - heat * src_extend, out=after_src)
                np.logaddexp(onward, down - heat * src_open, out=onward)
            for number in np.flatnonzero(batch.sizes <= row + 1).tolist():
                onward[number] = NEVER
                if batch.sizes[number] == row + 1:
                    is_final = batch.blocks[number].last == len(batch.band.lo)
                    onward[number, batch.final_column if is_final else slice(None)] = 0.0
                    level[number] = 0.0
                after_src[number] = onward[number]
            batch.shut(row, onward)
            surplus, extend = batch.tgt_costs(row)
            extend *= heat
            run = np.logaddexp.accumulate((onward - extend)[:, ::-1], axis=1)[:, ::-1] + extend
            skip = run[:, 1:] - heat * surplus[:, :-1] - np.diff(extend, axis=1)
            np.logaddexp(onward[:, :-1], skip, out=onward[:, :-1])
            np.logaddexp(after_src[:, :-1], skip, out=after_src[:, :-1])
            batch.shut(row, onward, after_src, run)
            after_row[0, :, here] = after_src
            self.free[row], self.after_src[row], self.after_tgt[row] = onward, after_src, run
            self.levels_from[row] = level
            end_rows[row] = batch.blank(len(batch.kinds), dtype=np.float32)
            ends = end_rows[row][:, :, here]
            np.multiply(batch.scores(row), heat, out=ends)
            ends += onward
            end_rows.pop(row + batch.lanes[-1].n, None)
            if row % LEVEL_ROWS == 0:
                level = level + lower(onward, [*end_rows.values(), after_row])

    def whole(self, number: int) -> float:
        """Return the log-sum over all paths of a block."""
        last = int(self.batch.sizes[number]) - 1
        is_final = self.batch.blocks[number].last == len(self.batch.band.lo)
        ends = self.total[last, number, self.batch.final_column :] if is_final else self.total[last, number]
        top = float(ends.max())
        return top + float(np.log(np.exp(ends - top).sum()) + self.levels_to[last, number])

    def with_posteriors(self, number: int, steps: Sequence[Step]) -> list[Step]:
        """Give a block's beads their probability; skipped sentences that of being skipped at any place."""
        block = self.batch.blocks[number]
        lo, whole = self.batch.first_columns(number), self.whole(number)
        spans = np.array([(s.src - block.first, s.tgt, s.n, s.m) for s in steps], np.int64).reshape(-1, 4)
        row, tgt, n, m = spans.T
        end = row + n
        # Of skipped sentences this is the probability at one place; it is replaced.
        logs = self.total[row, number, tgt - lo[row]].astype(np.float64)
        logs += self.heat * np.array([step.score for step in steps], np.float32)
        logs += self.free[end, number, np.minimum(tgt + m - lo[end], self.batch.width - 1)]
        logs += self.levels_to[row, number] + self.levels_from[end, number] - whole
        posteriors = np.exp(np.minimum(logs, 0.0))
        is_src_null, is_tgt_null = m == 0, n == 0
        if is_src_null.any() or is_tgt_null.any():
            src_nulls, tgt_nulls = self._null_posteriors(number, whole)
            posteriors[is_src_null] = src_nulls[row[is_src_null]]
            posteriors[is_tgt_null] = tgt_nulls[tgt[is_tgt_null] - int(lo[0])]
        return [step._replace(posterior=p) for step, p in zip(steps, posteriors.tolist(), strict=True)]

    def _null_posteriors(self, number: int, whole: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Sum the probability of skipping each sentence over the places where that can happen.

        Returns:
            By source sentences of the block, and by target sentences from the block's first column on.
        """
        batch, gaps = self.batch, self.batch.gaps
        first, size = batch.blocks[number].first, int(batch.sizes[number])
        lo, place = batch.first_columns(number), np.arange(batch.width)
        column = lo[:, None] + place
        level = (self.levels_to[:size, number] - whole)[:, None]
        after = self.levels_from[:size, number][:, None]
        total = self.total[:size, number]
        opens = self._skips(
            total[:, :-1],
            self.tgt_runs[:size, number, :-1],
            np.append(gaps.tgt_open, 0.0)[np.minimum(column[:, :-1], len(gaps.tgt_open))],
            np.append(gaps.tgt_extend, 0.0)[np.minimum(column[:, :-1], len(gaps.tgt_open))],
        )
        logs = opens + self.after_tgt[:size, number, 1:] + level + after
        tgt = np.bincount((column[:, :-1] - lo[0]).ravel(), weights=np.exp(np.minimum(logs, 0.0)).ravel())
        # The same column in the next row.
        below = place + (lo[:-1] - lo[1:])[:, None]
        is_in = (below >= 0) & (below < batch.width)
        onward = np.take_along_axis(
            self.after_src[1:size, number], np.clip(below, 0, batch.width - 1), axis=1
        )
        rows = np.arange(first, first + size - 1)[:, None]
        opens = self._skips(
            total[:-1], self.src_runs[: size - 1, number], gaps.src_open[rows], gaps.src_extend[rows]
        )
        logs = np.where(is_in, opens + onward + level[:-1] + after[1:], NEVER)
        src = np.exp(np.minimum(logs, 0.0)).sum(axis=1)
        return np.minimum(src, 1.0), np.minimum(tgt, 1.0)

    def _skips(self, total: Floats, run: Floats, opening: Floats, extend: Floats) -> NDArray[np.float64]:
        """Log-sum the ways to skip a sentence from each cell: as the first of a run, or one more of a run."""
        fresh = total + np.log1p(-np.exp(np.minimum(run - total, np.float32(-1e-6))))
        skips: NDArray[np.float64] = np.logaddexp(
            fresh - self.heat * opening.astype(np.float64), run - self.heat * extend.astype(np.float64)
        )
        return skips
