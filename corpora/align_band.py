"""Where the search of an alignment looks: a band of cells, and how it is cut into blocks and chunks.

A path through a narrow band soon forgets where it came from: best paths from different cells of one row meet
within a few sentences. So a long band is cut into blocks of rows that overlap, each is searched from and to
every cell of its outer rows, and the blocks' paths are joined where they meet. All blocks together are one
array program, whereas a single path is a loop over its rows.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_CHUNK_CELLS = 60_000
_CHUNK_ROWS = 64
_BLOCK_ROWS = 256  # from seam to seam
_OVERLAP = 40  # rows that a block goes on beyond its seams; as many as the band has columns where it is wide
_NARROW = 64  # columns by which the band at a seam may exceed its diagonal


class Chunk(NamedTuple):
    """Rows `first:last` of a band, each with the columns from its `lo` on, `width` of them."""

    first: int
    last: int
    lo: NDArray[np.int64]
    width: int


class Block(NamedTuple):
    """Rows `first:last` of a band, searched on their own; they are asked for `seam` and what follows it."""

    first: int
    last: int
    seam: int


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

    def chunks(self, first: int, last: int) -> list[Chunk]:
        """Cut rows `first:last` into runs of similar width whose bounding boxes stay small."""
        lows, highs = self.lo[first:last].tolist(), self.hi[first:last].tolist()
        runs, start, widest, n_cells = [], 0, 0, 0
        for row, (lo, hi) in enumerate(zip(lows, highs, strict=True)):
            n_rows, wider = row - start + 1, max(widest, hi - lo)
            box = n_rows * (hi - lows[start])
            fits = box <= _CHUNK_CELLS and n_rows * wider <= 2 * (n_cells + hi - lo)
            if n_rows > 1 and not (fits and n_rows <= _CHUNK_ROWS):
                runs.append(
                    Chunk(first + start, first + row, self.lo[first + start : first + row], int(widest))
                )
                start, wider, n_cells = row, hi - lo, 0
            widest, n_cells = wider, n_cells + hi - lo
        runs.append(Chunk(first + start, last, self.lo[first + start : last], int(widest)))
        return runs

    def blocks(self) -> list[Block]:
        """Cut the rows into overlapping blocks, with seams where the band is narrow around them."""
        n_rows = len(self.lo)
        width = int(np.median(self.hi - self.lo))
        overlap = _OVERLAP if width <= _NARROW else width
        between = max(_BLOCK_ROWS, 4 * overlap)
        rows = np.arange(overlap, n_rows - overlap)
        reach = self.hi[rows + overlap] - self.lo[rows - overlap]
        is_narrow = np.zeros(n_rows, bool)
        is_narrow[rows] = reach <= 2 * overlap + max(_NARROW, width)
        places = np.flatnonzero(is_narrow)
        seams = [0]
        while True:
            wanted = seams[-1] + between
            next_place = int(np.searchsorted(places, wanted))
            if next_place == len(places) or n_rows - int(places[next_place]) < between // 2:
                break
            seams.append(int(places[next_place]))
        ends = [*(seam + overlap for seam in seams[1:]), n_rows]
        return [Block(max(0, seam - overlap), end, seam) for seam, end in zip(seams, ends, strict=True)]
