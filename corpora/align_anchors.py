"""Anchors of long texts, and the band around them that the search visits.

Sentences that share rare features and are each other's best match are anchors; the longest increasing chain
of them, without those that lie far off their neighbours, lays out the band. Where anchors are far apart
(repeated content has no rare features) a second look compares all features within a wide corridor. Between
two anchors the band is a strip along the straight line, or the whole rectangle where one side is much
longer; neither is wider than a limit, so that no input makes the search blow up.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from dragoman.corpora.align_band import Band
from dragoman.corpora.align_features import Features, Matrix

Anchors = NDArray[np.int64]
"""`(k, 2)`: source and target sentence of each anchor, both rising."""

_RARE = 100  # pairs of sentences that a rare feature may bring together
_LEAST_COSINE = 0.1
_CLEAR_BEST = 1.15  # an anchor's similarity over its second best's
_CHUNK = 2048
_NEIGHBOURS = 8
_FARTHEST = 12  # sentences that an anchor may lie off its neighbours
_UNCLEAN = 0.1  # part of the anchors that a text which does not repeat itself may lose
_SHIFT_COST = 0.02  # anchors that a chain must gain to pay for each sentence of a shift
_SIGHT = 200  # anchors before one that the chain may come from
_FAR_APART = 80  # rows without an anchor that call for a second look
_CORRIDOR = 250  # half width of that look
_AWAY_LOSS = 0.5  # part of its cosine that a pair loses at the corridor's edge: of repeats the nearest wins
_MANY_ROWS = 20_000  # of which every second one is anchor enough
STRIP = 12  # half width of the band along a line between anchors
_MOST_CELLS = 2_000_000  # of one rectangle between anchors


def _norms(matrix: Matrix, lone: NDArray[np.float32]) -> NDArray[np.float32]:
    squares = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel() + lone
    return np.sqrt(np.maximum(squares, 1e-9)).astype(np.float32)


def rare_anchors(features: Features) -> Anchors:
    """Find anchors anywhere in the text by rare features."""
    src_count = np.bincount(features.src.indices, minlength=features.src.shape[1]).astype(np.int64)
    tgt_count = np.bincount(features.tgt.indices, minlength=features.tgt.shape[1]).astype(np.int64)
    rare = np.flatnonzero((src_count > 0) & (tgt_count > 0) & (src_count * tgt_count <= _RARE))
    src, tgt = features.src[:, rare], features.tgt[:, rare].T.tocsr()
    src_norms = _norms(features.src, features.src_lone)
    tgt_norms = _norms(features.tgt, features.tgt_lone)
    n_src, n_tgt = src.shape[0], tgt.shape[1]
    spans = [_Span(np.arange(i, min(i + _CHUNK, n_src)), 0, n_tgt) for i in range(0, n_src, _CHUNK)]
    found = _mutual_best(src, tgt, src_norms, tgt_norms, spans)
    return consistent(found, n_src, n_tgt)


def near_anchors(features: Features, anchors: Anchors) -> Anchors:
    """Add anchors where those found so far are far apart, by all features, within a corridor."""
    n_src, n_tgt = features.src.shape[0], features.tgt.shape[0]
    fixed = np.vstack([[[-1, -1]], anchors, [[n_src, n_tgt]]])
    wide = np.flatnonzero(np.diff(fixed[:, 0]) > _FAR_APART)
    if not len(wide):
        return anchors
    src_norms = _norms(features.src, features.src_lone)
    tgt_norms = _norms(features.tgt, features.tgt_lone)
    tgt = features.tgt.T.tocsc()
    spans = []
    stride = 1 if n_src <= _MANY_ROWS else 2
    for gap in wide:
        (top, left), (bottom, right) = fixed[gap], fixed[gap + 1]
        slope = (right - left) / (bottom - top)
        for i in range(top + 1, bottom, 256):
            end = min(i + 256, bottom)
            lo = max(left + 1, int(left + (i - top) * slope) - _CORRIDOR)
            hi = min(right, int(left + (end - top) * slope) + _CORRIDOR)
            if lo < hi:
                rows = np.arange(i, end, stride)
                spans.append(_Span(rows, lo, hi, left + (rows - top) * slope))
    found = _mutual_best(features.src, tgt, src_norms, tgt_norms, spans)
    return consistent(np.vstack([anchors, found]), n_src, n_tgt)


class _Span(NamedTuple):
    """Rows and columns `lo:hi` to compare, and the column near which each row is expected."""

    rows: NDArray[np.int64]
    lo: int
    hi: int
    line: NDArray[np.float64] | None = None


def _mutual_best(
    src: Matrix,
    tgt: sparse.csr_matrix | sparse.csc_matrix,
    src_norms: NDArray[np.float32],
    tgt_norms: NDArray[np.float32],
    spans: Sequence[_Span],
) -> Anchors:
    """Find pairs that are each other's clear best within spans of rows and columns.

    Args:
        src: `(n_src, d)`.
        tgt: `(d, n_tgt)`.
        src_norms: `(n_src,)`.
        tgt_norms: `(n_tgt,)`.
        spans: the parts to compare.
    """
    column_best = np.zeros(tgt.shape[1], np.float32)
    rows_found, columns_found, values_found = [], [], []
    for rows, lo, hi, line in spans:
        block = tgt if hi - lo == tgt.shape[1] else tgt[:, lo:hi]
        product = sparse.csr_matrix(src[rows] @ block)
        if not product.nnz:
            continue
        lengths = np.diff(product.indptr)
        row = np.repeat(rows, lengths)
        column = product.indices + lo
        value = product.data / (src_norms[row] * tgt_norms[column])
        if line is not None:
            away = np.abs(column - np.repeat(line, lengths)) / _CORRIDOR
            value *= (1 - _AWAY_LOSS * np.minimum(away, 1.0)).astype(np.float32)
        filled = np.flatnonzero(lengths)
        starts = product.indptr[:-1][filled]
        best = np.maximum.reduceat(value, starts)
        places = np.flatnonzero(value == np.repeat(best, lengths[filled]))
        places = places[np.diff(row[places], prepend=-1) > 0]  # the first of each row
        product.data = value
        by_column = product.tocsc()
        columns = np.flatnonzero(np.diff(by_column.indptr))
        tops = np.maximum.reduceat(by_column.data, by_column.indptr[columns])
        column_best[columns + lo] = np.maximum(column_best[columns + lo], tops)
        rest = value.copy()
        rest[places] = -1.0
        second = np.maximum.reduceat(rest, starts)
        good = (best >= _LEAST_COSINE) & (best >= _CLEAR_BEST * second)
        rows_found.append(row[places][good])
        columns_found.append(column[places][good])
        values_found.append(best[good])
    if not rows_found:
        return np.zeros((0, 2), np.int64)
    rows, columns = np.concatenate(rows_found), np.concatenate(columns_found)
    mutual = np.concatenate(values_found) >= column_best[columns]
    return np.stack([rows[mutual], columns[mutual]], axis=1).astype(np.int64)


def consistent(anchors: Anchors, n_src: int, n_tgt: int) -> Anchors:
    """Keep a chain that rises on both sides, without anchors far off their neighbours.

    Mostly it is the longest one. Where that leaves many anchors out, or leads far astray, the text repeats
    itself and anchors of different repeats compete: then it is the one that loses least by shifts.
    """
    anchors = anchors[np.lexsort((-anchors[:, 1], anchors[:, 0]))]
    longest = _rising(anchors)
    offsets = np.concatenate([[0], longest[:, 1] - longest[:, 0], [n_tgt - n_src]])
    loss = len(anchors) - len(longest) + _SHIFT_COST * (np.abs(np.diff(offsets)).sum() - abs(n_tgt - n_src))
    anchors = longest if loss <= _UNCLEAN * len(anchors) else _steadiest(anchors, n_src, n_tgt)
    for _ in range(2):
        if len(anchors) <= _NEIGHBOURS:
            return anchors
        offsets = anchors[:, 1] - anchors[:, 0]
        half = _NEIGHBOURS // 2
        padded = np.pad(offsets, half, mode="reflect")
        windows = np.lib.stride_tricks.sliding_window_view(padded, _NEIGHBOURS + 1)
        middle = np.median(np.delete(windows, half, axis=1), axis=1)
        anchors = anchors[np.abs(offsets - middle) <= _FARTHEST]
    return anchors


def _steadiest(anchors: Anchors, n_src: int, n_tgt: int) -> Anchors:
    """Return the rising chain with the most anchors, less what its shifts cost.

    Between two anchors the alignment shifts by the sentences that it must skip or join. The texts' ends are
    fixed: who shifts by a repeat too much must shift back, and pays for both.
    """
    ends = np.array([[-1, -1], [n_src, n_tgt]])
    points = np.vstack([ends[:1], anchors, ends[1:]])
    offsets = points[:, 1] - points[:, 0]
    worth = np.full(len(points), -np.inf)
    worth[0] = 0.0
    before = np.zeros(len(points), np.int64)
    for place in range(1, len(points)):
        # The document's start is always at hand, and so is what was reached last.
        near = np.append(0, np.arange(max(1, place - _SIGHT), place))
        fits = (points[near, 0] < points[place, 0]) & (points[near, 1] < points[place, 1])
        gains = np.where(fits, worth[near] - _SHIFT_COST * np.abs(offsets[near] - offsets[place]), -np.inf)
        best = int(gains.argmax())
        worth[place], before[place] = gains[best] + 1.0, near[best]
    chain = []
    place = int(before[-1])
    while place:
        chain.append(place - 1)
        place = int(before[place])
    return anchors[chain[::-1]]


def _rising(anchors: Anchors) -> Anchors:
    """Return the longest subsequence whose target side rises strictly (rows come sorted)."""
    tails: list[int] = []  # smallest last column of a chain of each length
    tail_places: list[int] = []
    before = np.full(len(anchors), -1)
    for place, column in enumerate(anchors[:, 1].tolist()):
        at = bisect_left(tails, column)
        if at == len(tails):
            tails.append(column)
            tail_places.append(place)
        else:
            tails[at], tail_places[at] = column, place
        before[place] = tail_places[at - 1] if at else -1
    chain = []
    place = tail_places[-1] if tail_places else -1
    while place >= 0:
        chain.append(place)
        place = int(before[place])
    return anchors[chain[::-1]]


def band_around(points: Anchors, n_src: int, n_tgt: int, strip: int = STRIP) -> Band:
    """Lay a band along points of a path.

    Args:
        points: `(k, 2)` positions or sentences that the path is thought to pass, both columns rising.
        n_src: number of source sentences.
        n_tgt: number of target sentences.
        strip: half width along straight lines.
    """
    points = np.vstack([[[0, 0]], points, [[n_src, n_tgt]]])
    rows = np.arange(n_src + 1)
    line = np.interp(rows, points[:, 0], points[:, 1])
    lo, hi = np.floor(line).astype(np.int64) - strip, np.ceil(line).astype(np.int64) + strip + 1
    steps = np.diff(points, axis=0)
    for k in np.flatnonzero(np.abs(steps[:, 0] - steps[:, 1]) > strip // 2):
        (top, left), (bottom, right) = points[k], points[k + 1]
        n_rows, n_columns = bottom - top + 1, right - left + 1
        if n_rows * n_columns > _MOST_CELLS:
            # Too large to search whole: a wider strip.
            wide = max(strip, int(_MOST_CELLS / n_rows / 2))
            lo[top : bottom + 1] = np.minimum(lo[top : bottom + 1], np.floor(line[top : bottom + 1]) - wide)
            hi[top : bottom + 1] = np.maximum(
                hi[top : bottom + 1], np.ceil(line[top : bottom + 1]) + wide + 1
            )
        else:
            lo[top : bottom + 1] = np.minimum(lo[top : bottom + 1], left - strip)
            hi[top : bottom + 1] = np.maximum(hi[top : bottom + 1], right + strip + 1)
    lo, hi = np.clip(lo, 0, n_tgt), np.clip(hi, 1, n_tgt + 1)
    lo = np.minimum.accumulate(lo[::-1])[::-1]
    hi = np.maximum.accumulate(hi)
    lo[0], hi[-1] = 0, n_tgt + 1
    lo[1:] = np.minimum(lo[1:], hi[:-1] - 1)
    return Band(np.minimum.accumulate(lo[::-1])[::-1].copy(), hi)
