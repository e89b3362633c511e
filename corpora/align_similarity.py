"""How alike blocks of sentences are: cosines of summed vectors, from dot products of single sentences.

The cosine of two blocks needs only the sum of the dot products between their sentences and the sums within
each side; both come from running sums, so that a bead costs the same however many sentences it has. Users'
sentence embeddings are scored in the same way: one vector a sentence, none for concatenations of
neighbours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from dragoman.corpora.align_band import Chunk
from dragoman.corpora.align_features import Features, Matrix

Floats = NDArray[np.float32]

_GRAM_ROWS = 4_000  # rows whose products with their neighbours are taken at once


def bead_kinds(
    longest: int = 8, longest_short: int = 3, most: int = 9, longest_src: int = 5
) -> tuple[tuple[int, int], ...]:
    """Return the bead types n-m to consider, commonest first.

    Literary translations need 1-8 and 2-8; of two long sides neither is likely to be the translation as a
    whole.
    """
    kinds = [
        (n, m)
        for n in range(1, longest_src + 1)
        for m in range(1, longest + 1)
        if n + m <= most and min(n, m) <= longest_short
    ]
    return tuple(sorted(kinds, key=lambda kind: (sum(kind), max(kind))))


@dataclass(frozen=True, slots=True)
class Vectors:
    """Sentence vectors of both sides in one space, with what block sums of each side need.

    Attributes:
        src: `(n_src, d)` float32, sparse or dense.
        tgt: `(n_tgt, d)` float32.
        src_norms: `(longest + 1, n_src + 1)` float32: norm of the sum of the k sentences that end before
            position i, at `[k, i]`.
        tgt_norms: likewise.
    """

    src: Matrix | Floats
    tgt: Matrix | Floats
    src_norms: Floats
    tgt_norms: Floats

    def dots(self, first: int, last: int, lo: int, hi: int) -> Floats:
        """Return the dot products of source sentences `first:last` and target sentences `lo:hi`."""
        if first >= last or lo >= hi:
            return np.zeros((max(0, last - first), max(0, hi - lo)), np.float32)
        product = self.src[first:last] @ self.tgt[lo:hi].T
        return np.asarray(product if isinstance(product, np.ndarray) else product.toarray(), np.float32)

    def blocks(self, starts: Sequence[int], sizes: Sequence[int], side: int) -> Matrix | Floats:
        """Sum the vectors of neighbouring sentences, each sum at length 1: `(n_blocks, d)`.

        Args:
            starts: first sentence of each block.
            sizes: sentences of each.
            side: 0 for the source, 1 for the target.
        """
        vectors, norms = ((self.src, self.src_norms), (self.tgt, self.tgt_norms))[side]
        columns = [start + k for start, size in zip(starts, sizes, strict=True) for k in range(size)]
        ends = np.add(starts, sizes)
        weights = np.repeat(1 / norms[sizes, ends], sizes)
        pointers = np.concatenate([[0], np.cumsum(sizes)])
        sums = sparse.csr_matrix((weights, columns, pointers), shape=(len(starts), vectors.shape[0]))
        product = sums @ vectors
        return product if isinstance(product, np.ndarray) else sparse.csr_matrix(product)


def block_norms(matrix: Matrix | Floats, lone: Floats, longest: int) -> Floats:
    """Return the norms of sums of up to `longest` neighbours: `(longest + 1, n + 1)`, see `Vectors`."""
    n = matrix.shape[0]
    grams = _neighbour_dots(matrix, longest)
    grams[0] += lone
    squares = np.zeros((longest + 1, n + 1))
    for length in range(1, longest + 1):
        # One sentence more at the front: its own square and twice its products with the others.
        squares[length, :] = squares[length - 1, :]
        if length <= n:
            squares[length, length:] += grams[0, : n + 1 - length]
            for distance in range(1, length):
                squares[length, length:] += 2 * grams[distance, : n + 1 - length]
    return np.sqrt(np.maximum(squares, 1e-12)).astype(np.float32)


def _neighbour_dots(matrix: Matrix | Floats, longest: int) -> NDArray[np.float64]:
    """Multiply each row by itself and those after it: `(longest, n)`, at `[d, i]` row i times row i + d.

    Of a sparse matrix each column is read downwards, so that the work goes with the entries that neighbours
    share and not with all that they have.
    """
    n, n_columns = matrix.shape
    dots = np.zeros((longest, n))
    if not isinstance(matrix, sparse.csr_matrix):
        for distance in range(min(longest, n)):
            dots[distance, : n - distance] = row_dots(matrix[distance:], matrix[: n - distance])
        return dots
    for first in range(0, n, _GRAM_ROWS):
        n_first = min(_GRAM_ROWS, n - first)
        part = matrix[first : first + n_first + longest - 1].tocsc()
        rows, values = part.indices, part.data
        # Entries of one column are less than a column's length apart, those of two columns are not.
        length = part.shape[0] + longest
        places = rows + np.repeat(np.arange(n_columns) * length, np.diff(part.indptr))
        entries = np.flatnonzero(rows < n_first)
        dots[0, first : first + n_first] = np.bincount(rows[entries], values[entries] ** 2, n_first)
        for lag in range(1, longest):
            entries = entries[: np.searchsorted(entries, len(rows) - lag)]
            apart = places[entries + lag] - places[entries]
            is_near = apart < longest
            entries, apart = entries[is_near], apart[is_near]
            products = values[entries] * values[entries + lag]
            sums = np.bincount(apart * n_first + rows[entries], products, longest * n_first)
            dots[:, first : first + n_first] += sums.reshape(longest, n_first)
    return dots


def row_dots(one: Matrix | Floats, other: Matrix | Floats) -> NDArray[np.float64]:
    """Multiply row by row: `(n,)`."""
    if isinstance(one, sparse.csr_matrix):
        ones = np.ones(one.shape[1], np.float32)
        return np.asarray(one.multiply(other) @ ones, np.float64)
    return np.asarray((one * np.asarray(other)).sum(axis=1), np.float64)


def feature_vectors(features: Features, longest: int) -> Vectors:
    """Prepare sparse sentence features for block sums."""
    return Vectors(
        features.src,
        features.tgt,
        block_norms(features.src, features.src_lone, longest),
        block_norms(features.tgt, features.tgt_lone, longest),
    )


def embedding_vectors(src: Floats, tgt: Floats, longest: int) -> Vectors:
    """Prepare dense sentence embeddings for block sums; rows are scaled to length 1."""
    sides = []
    for side in (src, tgt):
        matrix = np.asarray(side, np.float32)
        sides.append(matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9))
    nothing = [np.zeros(len(side), np.float32) for side in sides]
    return Vectors(
        sides[0],
        sides[1],
        block_norms(sides[0], nothing[0], longest),
        block_norms(sides[1], nothing[1], longest),
    )


@dataclass(frozen=True, slots=True)
class SimilarityScorer:
    """Bead scores from block similarity and lengths.

    score = (s - c · mean similarity to the four neighbouring sentences) · log2(1 + shorter / longer)
            - size_cost · (n + m - 2)

    Neighbours are the sentences just before and after either side, compared with the whole other side: a bead
    that is no better than its surroundings is worth nothing.
    """

    views: tuple[Vectors, ...]
    src_lengths: Floats  # running sums, `(n_src + 1,)`, in target characters
    tgt_lengths: Floats  # `(n_tgt + 1,)`
    kinds: tuple[tuple[int, int], ...]
    src_breaks: Floats | None = None  # paragraph starts up to each position, `(n_src + 1,)`
    tgt_breaks: Floats | None = None
    neighbour_weight: float = 0.6
    size_cost: float = 0.02
    break_cost: float = 0.1  # of each paragraph that begins inside a side of a bead

    def __call__(self, chunk: Chunk) -> Floats:
        """Score the beads that end at the cells of a chunk (see `BeadScorer`)."""
        scores = np.zeros((len(self.kinds), chunk.last - chunk.first, chunk.width), np.float32)
        for view in self.views:
            self._add_similarities(view, chunk, scores)
        if len(self.views) > 1:
            scores /= len(self.views)
        n_src, n_tgt = len(self.src_lengths) - 1, len(self.tgt_lengths) - 1
        rows = np.minimum(np.arange(chunk.first, chunk.last), n_src)[:, None]
        columns = np.minimum(chunk.lo[:, None] + np.arange(chunk.width), n_tgt)
        src = {n: _since(self.src_lengths, rows, rows - n) for n, _ in self.kinds}
        tgt = {m: _since(self.tgt_lengths, columns, columns - m) for _, m in self.kinds}
        for kind, (n, m) in enumerate(self.kinds):
            scores[kind] *= length_fit(src[n], tgt[m])
            scores[kind] -= self.size_cost * (n + m - 2)
            if self.src_breaks is not None:
                scores[kind] -= self.break_cost * _since(self.src_breaks, rows - 1, rows - n)
            if self.tgt_breaks is not None:
                scores[kind] -= self.break_cost * _since(self.tgt_breaks, columns - 1, columns - m)
        return scores

    def _add_similarities(self, view: Vectors, chunk: Chunk, scores: Floats) -> None:
        """Add s - c · neighbours of each bead type to `scores`, `(n_kinds, last - first, width)`."""
        first, last, width = chunk.first, chunk.last, chunk.width
        most_n, most_m = max(n for n, _ in self.kinds), max(m for _, m in self.kinds)
        n_src, n_tgt = view.src.shape[0], view.tgt.shape[0]
        # Sums of dot products over rows top … last and columns left … right: position [p, q] of the table is
        # the sum over sentences before position (top + p, left + q).
        top, left = first - most_n - 1, int(chunk.lo[0]) - most_m - 1
        right = int(chunk.lo[-1]) + width
        table = np.zeros((last - top + 1, right - left + 1))
        inner = view.dots(max(0, top), min(n_src, last), max(0, left), min(n_tgt, right))
        above, before = max(0, -top) + 1, max(0, -left) + 1
        table[above : above + inner.shape[0], before : before + inner.shape[1]] = inner
        table.cumsum(axis=0, out=table)
        table.cumsum(axis=1, out=table)
        # Sheared to the chunk's rows: column q stands for position lo - most_m - 1 + q of each row.
        columns = (chunk.lo - chunk.lo[0])[:, None] + np.arange(most_m + 1 + width + 1)
        rows = np.arange(last - first)[:, None] + most_n + 1
        at_row = columns + rows * table.shape[1]
        sheared = {back: table.take(at_row - back * table.shape[1]) for back in range(-1, most_n + 2)}
        src_norms = _padded(view.src_norms, top, last + 1)
        tgt_norms = _padded(view.tgt_norms, left, right + 1)
        near = np.float32(self.neighbour_weight / 4)
        now = slice(most_m + 1, most_m + 1 + width)

        def from_column(back: int) -> slice:
            return slice(now.start - back, now.stop - back)

        single_norm = tgt_norms[1].take(columns)
        # singles[back]: the source sentence ending `back` positions before the row, with all columns before.
        singles = {k: (sheared[k] - sheared[k + 1]).astype(np.float32) for k in range(-1, most_n + 1)}
        block_norm = {m: tgt_norms[m].take(columns[:, now]) for m in {m for _, m in self.kinds}}

        def cosine_of_single(back: int, m: int) -> Floats:
            block = singles[back][:, now] - singles[back][:, from_column(m)]
            cosine: Floats = block / (src_norms[1].take(rows - back) * block_norm[m])
            return cosine

        below = {m: cosine_of_single(-1, m) for m in block_norm}
        for n in {n for n, _ in self.kinds}:
            strip = (sheared[0] - sheared[n]).astype(np.float32)
            norm = src_norms[n].take(rows)
            beside = np.diff(strip, axis=1) / (norm * single_norm[:, 1:])
            for kind, (kind_n, m) in enumerate(self.kinds):
                if kind_n != n:
                    continue
                similarity = (strip[:, now] - strip[:, from_column(m)]) / (norm * block_norm[m])
                if near:
                    neighbours = beside[:, now] + beside[:, from_column(m + 1)]
                    neighbours += below[m]
                    neighbours += cosine_of_single(n, m)
                    similarity -= near * neighbours
                scores[kind] += similarity


def length_fit(src: Floats, tgt: Floats) -> Floats:
    """Weigh lengths against each other: 1 where they are equal, towards 0 the more they differ."""
    fit: Floats = np.log2(1 + (np.minimum(src, tgt) + 1) / (np.maximum(src, tgt) + 1))
    return fit


def _since(sums: Floats, end: NDArray[np.int64], start: NDArray[np.int64]) -> Floats:
    """Return running sums between positions; what lies before the document is empty."""
    difference: Floats = sums[np.maximum(end, 0)] - sums[np.maximum(start, 0)]
    return difference


def _padded(norms: Floats, first: int, last: int) -> Floats:
    """Cut columns `first:last` out of norms, 1 where there is no such position."""
    cut = np.ones((norms.shape[0], last - first), np.float32)
    start, end = max(0, first), min(norms.shape[1], last)
    if start < end:
        cut[:, start - first : end - first] = norms[:, start:end]
    return np.maximum(cut, np.float32(1e-6))
