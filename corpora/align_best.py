"""The best path through each block of a batch: dynamic programming row by row, and the way back.

Within a row only runs of skipped target sentences depend on each other, and those are a running maximum, so
that a row of all blocks is a handful of array operations. Runs of skipped sentences cost more to begin than
to go on with (affine gaps, Gotoh 1982).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dragoman.corpora.align_batch import Batch

_SRC_GAP, _TGT_GAP = -1, -2
_EQUAL = 1e-4  # path scores that differ by less are the same


class Step(NamedTuple):
    """A bead of the best path: sentences `src:src + n` with `tgt:tgt + m`."""

    src: int
    tgt: int
    n: int
    m: int
    score: float
    posterior: float
    monotone: bool = True


class BestPaths:
    """Best paths from the first row of each block to all its cells."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        shape = (batch.n_rows, len(batch.blocks), batch.width)
        self._choice = np.zeros(shape, np.int8)
        self._src_opens = np.zeros(shape, bool)
        self._tgt_opens = np.zeros(shape, bool)
        self._ends = np.zeros(len(batch.blocks), np.int64)  # where the best path ends in a block's last row
        self._search()

    def _search(self) -> None:
        batch = self.batch
        best_rows: dict[int, NDArray[np.float64]] = {}
        here = slice(batch.most_m, batch.most_m + batch.width)
        run_row = batch.blank(dtype=np.float64)  # paths that skip a source sentence last
        for row in range(batch.n_rows):
            best_rows[row] = batch.blank(dtype=np.float64)
            best = best_rows[row][:, here]
            if row == 0:
                batch.open_starts(best)
            else:
                candidates = batch.scores(row).astype(np.float64)
                batch.go_on(candidates, best_rows, row)
                self._choice[row] = candidates.argmax(axis=0)
                candidates.max(axis=0, out=best)
                src_open, src_extend = batch.src_costs(row)
                opened = batch.earlier(best_rows[row - 1], row, 1)[:, batch.most_m :] - src_open
                run = batch.earlier(run_row, row, 1)[:, batch.most_m :] - src_extend
                self._src_opens[row] = opened >= run
                np.maximum(run, opened, out=run)
                batch.shut(row, run)
                run_row[:, here] = run
                self._choice[row][run > best] = _SRC_GAP
                np.maximum(best, run, out=best)
            surplus, extend = batch.tgt_costs(row)
            offer = best - surplus + extend
            reach = np.maximum.accumulate(offer, axis=1)
            self._tgt_opens[row] = offer >= reach
            skipped = reach[:, :-1] - extend[:, 1:]
            self._choice[row, :, 1:][skipped > best[:, 1:]] = _TGT_GAP
            np.maximum(best[:, 1:], skipped, out=best[:, 1:])
            batch.shut(row, best)
            for number in np.flatnonzero(batch.sizes == row + 1).tolist():
                is_final = batch.blocks[number].last == len(batch.band.lo)
                self._ends[number] = batch.final_column if is_final else _middle_best(best[number])
            best_rows.pop(row - batch.lanes[-1].n, None)

    def trace(self, number: int) -> list[Step]:
        """Follow the best path of a block back from its end; steps are in the document's numbers."""
        batch = self.batch
        block = batch.blocks[number]
        lows = batch.band.lo[block.first : block.last].tolist()
        choices = self._choice[:, number]
        row = len(lows) - 1
        column = lows[row] + int(self._ends[number])
        steps: list[Step] = []
        while row or (block.first == 0 and column):
            place = column - lows[row]
            choice = int(choices[row, place])
            if choice == _SRC_GAP:
                opens = False
                while not opens:
                    opens = bool(self._src_opens[row, number, column - lows[row]])
                    row -= 1
                    steps.append(Step(block.first + row, column, 1, 0, 0.0, 1.0))
            elif choice == _TGT_GAP:
                opens = False
                while not opens:
                    column -= 1
                    opens = bool(self._tgt_opens[row, number, column - lows[row]])
                    steps.append(Step(block.first + row, column, 0, 1, 0.0, 1.0))
            else:
                n, m = batch.kinds[choice]
                score = batch.score(row, number, choice, place)
                row, column = row - n, column - m
                steps.append(Step(block.first + row, column, n, m, score, 1.0))
        return steps[::-1]


def _middle_best(row: NDArray[np.float64]) -> int:
    """Return the place where a row is best, of equally good ones the middle.

    Text that repeats itself has many; neighbouring blocks are to choose alike.
    """
    places = np.flatnonzero(row >= row.max() - _EQUAL)
    return int(places[len(places) // 2])
