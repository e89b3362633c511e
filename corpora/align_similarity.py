"""How alike blocks of sentences are: cosines of summed vectors, from dot products of single sentences.

The cosine of two blocks needs only the sum of the dot products between their sentences and the sums within
each side; both come from running sums, so that a bead costs the same however many sentences it has. Users'
sentence embeddings are scored in the same way: one vector a sentence, none for concatenations of
neighbours.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from dragoman.corpora.align_features import Features, Matrix

Floats = NDArray[np.float32]


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


def block_norms(matrix: Matrix | Floats, lone: Floats, longest: int) -> Floats:
    """Return the norms of sums of up to `longest` neighbours: `(longest + 1, n + 1)`, see `Vectors`."""
    n = matrix.shape[0]
    grams = [_row_dots(matrix, matrix) + lone]
    for distance in range(1, min(longest, n)):
        grams.append(_row_dots(matrix[distance:], matrix[:-distance]))
    squares = np.zeros((longest + 1, n + 1))
    for length in range(1, longest + 1):
        # One sentence more at the front: its own square and twice its products with the others.
        squares[length, :] = squares[length - 1, :]
        if length <= n:
            front = np.arange(length, n + 1) - length
            squares[length, length:] += grams[0][front]
            for distance in range(1, length):
                squares[length, length:] += 2 * grams[distance][front]
    return np.sqrt(np.maximum(squares, 1e-12)).astype(np.float32)


def _row_dots(one: Matrix | Floats, other: Matrix | Floats) -> NDArray[np.float64]:
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

    def __call__(self, first: int, last: int, lo: int, hi: int) -> Floats:
        """Score the beads that end at rows `first:last`, columns `lo:hi` (see `BeadScorer`)."""
        shape = (last - first, hi - lo)
        scores = np.zeros((len(self.kinds), *shape), np.float32)
        for view in self.views:
            for kind, value in enumerate(self._similarities(view, first, last, lo, hi)):
                scores[kind] += value
        if len(self.views) > 1:
            scores /= len(self.views)
        rows, columns = np.arange(first, last), np.arange(lo, hi)
        n_src, n_tgt = len(self.src_lengths) - 1, len(self.tgt_lengths) - 1
        rows, columns = np.minimum(rows, n_src), np.minimum(columns, n_tgt)
        src = {n: self.src_lengths[rows] - self.src_lengths[np.maximum(rows - n, 0)] for n, _ in self.kinds}
        tgt = {
            m: self.tgt_lengths[columns] - self.tgt_lengths[np.maximum(columns - m, 0)] for _, m in self.kinds
        }
        for kind, (n, m) in enumerate(self.kinds):
            a, b = src[n][:, None], tgt[m][None, :]
            ratio = (np.minimum(a, b) + 1) / (np.maximum(a, b) + 1)
            scores[kind] *= np.log2(1 + ratio)
            scores[kind] -= self.size_cost * (n + m - 2)
            if self.src_breaks is not None:
                inside = self.src_breaks[np.maximum(rows - 1, 0)] - self.src_breaks[np.maximum(rows - n, 0)]
                scores[kind] -= self.break_cost * inside[:, None]
            if self.tgt_breaks is not None:
                inside = (
                    self.tgt_breaks[np.maximum(columns - 1, 0)] - self.tgt_breaks[np.maximum(columns - m, 0)]
                )
                scores[kind] -= self.break_cost * inside[None, :]
        return scores

    def _similarities(self, view: Vectors, first: int, last: int, lo: int, hi: int) -> list[Floats]:
        """Return s - c · neighbours for each bead type, `(last - first, hi - lo)` each."""
        back_n, back_m = max(n for n, _ in self.kinds) + 1, max(m for _, m in self.kinds) + 1
        n_src, n_tgt = view.src.shape[0], view.tgt.shape[0]
        # Sums of dot products over rows first - back_n … last and columns lo - back_m … hi: position [p, q]
        # of the table is the sum over sentences before position (first - back_n + p, lo - back_m + q).
        table = np.zeros((last - first + back_n + 1, hi - lo + back_m + 1))
        top, left = first - back_n, lo - back_m
        inner = view.dots(max(0, top), min(n_src, last), max(0, left), min(n_tgt, hi))
        above, before = max(0, -top) + 1, max(0, -left) + 1
        table[above : above + inner.shape[0], before : before + inner.shape[1]] = inner
        table.cumsum(axis=0, out=table)
        table.cumsum(axis=1, out=table)
        src_norm = _padded(view.src_norms, top, last + 1)
        tgt_norm = _padded(view.tgt_norms, left, hi + 1)
        # strips[n][p, q]: sum over the n rows that end before position p and all columns before q.
        strips = {n: (table[n:] - table[:-n]).astype(np.float32) for n in {1, *(n for n, _ in self.kinds)}}
        rows, columns = last - first, hi - lo
        result = []
        for n, m in self.kinds:
            strip = strips[n][back_n - n :][:rows]
            end = strip[:, back_m : back_m + columns]
            start = strip[:, back_m - m : back_m - m + columns]
            own_src = src_norm[n, back_n : back_n + rows, None]
            own_tgt = tgt_norm[m, None, back_m : back_m + columns]
            similarity = (end - start) / (own_src * own_tgt)
            if self.neighbour_weight:
                after = strip[:, back_m + 1 : back_m + 1 + columns] - end
                ahead = start - strip[:, back_m - m - 1 : back_m - m - 1 + columns]
                neighbours = after / (own_src * tgt_norm[1, None, back_m + 1 : back_m + 1 + columns])
                neighbours += ahead / (own_src * tgt_norm[1, None, back_m - m : back_m - m + columns])
                for shift in (back_n, back_n - n - 1):
                    row_strip = strips[1][shift : shift + rows]
                    block = (
                        row_strip[:, back_m : back_m + columns]
                        - row_strip[:, back_m - m : back_m - m + columns]
                    )
                    neighbours += block / (src_norm[1, shift + 1 : shift + 1 + rows, None] * own_tgt)
                similarity -= np.float32(self.neighbour_weight / 4) * neighbours
            result.append(similarity)
        return result


def _padded(norms: Floats, first: int, last: int) -> Floats:
    """Cut columns `first:last` out of norms, 1 where there is no such position."""
    cut = np.ones((norms.shape[0], last - first), np.float32)
    start, end = max(0, first), min(norms.shape[1], last)
    if start < end:
        cut[:, start - first : end - first] = norms[:, start:end]
    return np.maximum(cut, np.float32(1e-6))
