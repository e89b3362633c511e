"""Blocks of a band laid side by side, so that one array operation serves a row of all of them."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from dragoman.corpora.align_band import Band, Block, Chunk

Floats = NDArray[np.float32]
Float = TypeVar("Float", np.float32, np.float64)
NEVER = np.float32(-1e9)
LEVEL_ROWS = 16  # how often the passes take the rows' maximum off them
_MOST_SCORES = 25_000_000  # bead scores of a batch; a block that has more is scored chunk by chunk


class BeadScorer(Protocol):
    """What the search asks for bead scores."""

    @property
    def kinds(self) -> tuple[tuple[int, int], ...]:
        """Bead types (n, m), both at least 1; with each n-m there is n-(m - 1)."""

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


class Lane(NamedTuple):
    """The bead types of `n` source sentences: numbers `first:last`, m = 1, 2 and so on."""

    n: int
    first: int
    last: int


class Batch:
    """Some blocks of a band, all searched at once.

    Arrays have a place for each row of the longest block (`n_rows`) and each column of the widest row
    (`width`); what a block lacks of them repeats its last row, or is shut.

    Attributes:
        blocks: the blocks.
        kinds: bead types, by n and then m.
        lanes: the kinds of each n.
        most_m: the longest target side of a bead.
        furthest: the most columns that a row starts after a row that a bead spans with it.
        sizes: `(n_blocks,)`, rows of each block.
    """

    def __init__(self, scorer: BeadScorer, band: Band, gaps: Gaps, blocks: Sequence[Block]) -> None:
        self.scorer, self.band, self.gaps, self.blocks = scorer, band, gaps, blocks
        self.kinds = sorted(scorer.kinds)
        self._order = [scorer.kinds.index(kind) for kind in self.kinds]
        self.lanes = []
        for n in sorted({n for n, _ in self.kinds}):
            numbers = [k for k, kind in enumerate(self.kinds) if kind[0] == n]
            if [self.kinds[k][1] for k in numbers] != list(range(1, len(numbers) + 1)):
                raise ValueError(f"of beads with {n} source sentences some lengths are missing: {self.kinds}")
            self.lanes.append(Lane(n, numbers[0], numbers[-1] + 1))
        self.most_m = max(m for _, m in self.kinds)
        self.sizes = np.array([block.last - block.first for block in blocks])
        self.n_rows = int(self.sizes.max())
        first = np.array([block.first for block in blocks])
        self._rows = first + np.minimum(np.arange(self.n_rows)[:, None], self.sizes - 1)
        self._lo = band.lo[self._rows]
        widths = band.hi[self._rows] - self._lo
        self.width = int(widths.max())
        n_most = self.lanes[-1].n
        jumps = (self._lo[n:] - self._lo[:-n] for n in range(1, n_most + 1) if n < self.n_rows)
        self.furthest = min(self.most_m + self.width, max((int(jump.max()) for jump in jumps), default=0))
        self._columns = np.arange(self.width)
        self._is_shut = self._columns >= widths[:, :, None]
        self._has_shut = self._is_shut.any(axis=(1, 2)).tolist()
        self._src_costs = tuple(np.append(cost, np.float32(0.0)) for cost in (gaps.src_open, gaps.src_extend))
        n_tgt = int(band.hi[-1]) - 1
        beyond = np.zeros(self.width + 1)  # columns after the last
        self._tgt_surplus = np.concatenate([gaps.tgt_open - gaps.tgt_extend, beyond]).astype(np.float32)
        self._tgt_extend = np.concatenate([[0.0], np.cumsum(gaps.tgt_extend, dtype=np.float64), beyond])
        self.final_column = n_tgt - int(band.lo[-1])  # the place of the document's end in its last row
        is_used = np.zeros(len(band.lo) + 1, bool)
        for block in blocks:
            is_used[block.first : block.last] = True
        edges = np.flatnonzero(np.diff(is_used, prepend=False)).reshape(-1, 2).tolist()
        self._chunks = [chunk for start, stop in edges for chunk in band.chunks(start, stop)]
        self._chunk_ends = [chunk.last for chunk in self._chunks]
        self._slots = np.cumsum(is_used) - 1  # where the scores of each used row are
        self._scores: Floats | None = None
        self._chunk_scores: tuple[int, Floats] = (-1, np.zeros((0, 0, 0), np.float32))
        n_rows = int(is_used.sum())
        if len(self.kinds) * n_rows * self.width <= _MOST_SCORES or len(blocks) > 1:
            self._scores = np.zeros((len(self.kinds), n_rows, self.width), np.float32)
            for chunk in self._chunks:
                here = slice(self._slots[chunk.first], self._slots[chunk.first] + chunk.last - chunk.first)
                self._scores[:, here, : chunk.width] = scorer(chunk)[self._order]

    def first_columns(self, number: int) -> NDArray[np.int64]:
        """Return the first column of each row of a block."""
        columns: NDArray[np.int64] = self._lo[: self.sizes[number], number]
        return columns

    def open_starts(self, first: NDArray[Float]) -> None:
        """Open a row 0: at the document's start, or at all cells where a block begins within the document."""
        for number, block in enumerate(self.blocks):
            first[number, : 1 if block.first == 0 else None] = 0.0

    def shut(self, row: int, *values: NDArray[Float]) -> None:
        """Take back what lies outside of the band, in `(n_blocks, width)` values of a row."""
        if self._has_shut[row]:
            for one in values:
                one[self._is_shut[row]] = NEVER

    def scores(self, row: int) -> Floats:
        """Return a row's bead scores, `(n_kinds, n_blocks, width)`; not to be written to."""
        rows = self._rows[row]
        if self._scores is None:
            number = bisect_right(self._chunk_ends, rows[0])
            chunk = self._chunks[number]
            if self._chunk_scores[0] != number:
                self._chunk_scores = (number, self.scorer(chunk)[self._order])
            scores = np.full((len(self.kinds), 1, self.width), NEVER, np.float32)
            scores[:, 0, : chunk.width] = self._chunk_scores[1][:, rows[0] - chunk.first]
            return scores
        if len(self.blocks) == 1:
            return self._scores[:, row : row + 1]
        taken: Floats = self._scores.take(self._slots[rows], axis=1)
        return taken

    def go_on(self, candidates: NDArray[Float], rows: Mapping[int, NDArray[Float]], row: int) -> None:
        """Add to the scores of the beads that end in a row the values of the places where they begin.

        Args:
            candidates: `(n_kinds, n_blocks, width)`, changed in place.
            rows: the rows before this one, with margins, as `blank` gives them.
            row: the row.
        """
        for lane in self.lanes:
            if lane.n > row:
                candidates[lane.first : lane.last] = NEVER
                continue
            before = self.earlier(rows[row - lane.n], row, lane.n)
            candidates[lane.first : lane.last] += self.starts(before, lane.last - lane.first)

    def src_costs(self, row: int) -> tuple[Floats, Floats]:
        """Return what skipping the sentence before a row costs, first or next of a run: `(n_blocks, 1)`."""
        skipped = np.maximum(self._rows[row] - 1, 0)[:, None]
        return self._src_costs[0].take(skipped), self._src_costs[1].take(skipped)

    def tgt_costs(self, row: int) -> tuple[Floats, Floats]:
        """Return what it costs to skip the target sentences after a row's columns.

        Returns:
            What the first of a run costs beyond a further one; what further ones cost in sum from the row's
            first column up to each. Both are `(n_blocks, width)`.
        """
        columns = self._lo[row][:, None] + self._columns
        extend = self._tgt_extend.take(columns)
        extend -= extend[:, :1].copy()
        return self._tgt_surplus.take(columns), extend.astype(np.float32)

    def score(self, row: int, number: int, kind: int, place: int) -> float:
        """Return the score of one bead that ends in a block's row, at a place of it."""
        if self._scores is None:
            return float(self.scores(row)[kind, number, place])
        return float(self._scores[kind, self._slots[self._rows[row, number]], place])

    def blank(self, *n_kinds: int, dtype: type[Float]) -> NDArray[Float]:
        """Return an array row that nothing reaches: `(*n_kinds, n_blocks, margins + width)`."""
        margins = self.most_m + self.furthest
        return np.full((*n_kinds, len(self.blocks), margins + self.width), NEVER, dtype)

    def earlier(self, values: NDArray[Float], row: int, n: int) -> NDArray[Float]:
        """Read an array row, `n` rows before another, at the other's columns and those before them.

        Args:
            values: `(n_blocks, margins + width)`: `most_m` shut places, the row's columns, `furthest` shut
                places.
            row: the later row.
            n: how much earlier the values' row is.

        Returns:
            `(n_blocks, most_m + width)`.
        """
        length = self.most_m + self.width
        shift = np.minimum(self._lo[row] - self._lo[row - n], self.furthest)
        if len(shift) == 1:
            return values[:, shift[0] : shift[0] + length]
        at = shift[:, None] + np.arange(length)
        at += np.arange(0, values.size, values.shape[1])[:, None]
        taken: NDArray[Float] = values.reshape(-1).take(at)
        return taken

    def starts(self, before: NDArray[Float], longest: int) -> NDArray[Float]:
        """View what `earlier` read at 1, 2 … `longest` columns before: `(longest, n_blocks, width)`."""
        # Much faster than numpy's sliding_window_view, which costs more than what is done with the view.
        block, item = before.strides
        shape = longest, len(self.blocks), self.width
        return np.ndarray(shape, before.dtype, before, (self.most_m - 1) * item, (-item, block, item))

    def later(self, values: Floats, row: int, n: int, shift: int = 1) -> Floats:
        """Read array rows, `n` rows after another, at `shift`, `shift` + 1 … columns after the other's.

        Args:
            values: `(n_m, n_blocks, margins + width)`: `furthest` shut places, the row's columns, `most_m`
                shut places.
            row: the earlier row.
            n: how much later the values' row is.
            shift: what is added to the columns in the first of the array rows; one more in each further one.

        Returns:
            `(n_m, n_blocks, width)`.
        """
        apart = np.maximum(self._lo[row] - self._lo[row + n], -self.furthest) + self.furthest + shift
        kind, block, item = values.strides
        shape = len(values), len(self.blocks), self.width
        if len(apart) == 1:
            return np.ndarray(shape, values.dtype, values, int(apart[0]) * item, (kind + item, block, item))
        at = apart[:, None] + self._columns
        at += np.arange(0, shape[1] * values.shape[2], values.shape[2])[:, None]
        at = at + np.arange(0, values.size + shape[0], values.size // shape[0] + 1)[:, None, None]
        taken: Floats = values.reshape(-1).take(at)
        return taken


def log_sum(values: Floats) -> Floats:
    """Return log Σ exp over the first axis; `values` is overwritten."""
    top = values.max(axis=0)
    values -= top
    np.exp(values, out=values)
    result: Floats = np.log(values.sum(axis=0))
    result += top
    return result


def lower(values: Floats, kept: Iterable[Floats]) -> Floats:
    """Take a row's maximum off some rows, so that float32 stays exact for what is near it.

    Args:
        values: `(n_blocks, width)`, the row.
        kept: `(…, n_blocks, columns)` each; they are changed.

    Returns:
        The maximum, `(n_blocks,)`; 0 beyond a block's end, where nothing is reached.
    """
    top: Floats = values.max(axis=1)
    top[top < NEVER / 2] = 0.0
    for rows in kept:
        rows -= top[:, None]
    return top
