"""Anchors of long texts, and the band around them that the search visits.

Sentences that share rare features and are each other's best match are anchors; the longest increasing chain
of them, without those that lie far off their neighbours, lays out the band. Where anchors are far apart
(repeated content has no rare features) a second look compares all features within a wide corridor. Between
two anchors the band is a strip along the straight line, or the whole rectangle where one side is much
longer; neither is wider than a limit, so that no input makes the search blow up.
"""

from bisect import bisect_left
from collections.abc import Sequence

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
_FAR_APART = 80  # rows without an anchor that call for a second look
_CORRIDOR = 250  # half width of that look
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
    spans = [(i, min(i + _CHUNK, src.shape[0]), 0, tgt.shape[1]) for i in range(0, src.shape[0], _CHUNK)]
    found = _mutual_best(src, tgt, src_norms, tgt_norms, spans, 0.0)
    return consistent(found)


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
    for gap in wide:
        (top, left), (bottom, right) = fixed[gap], fixed[gap + 1]
        slope = (right - left) / (bottom - top)
        for i in range(top + 1, bottom, 256):
            end = min(i + 256, bottom)
            lo = max(left + 1, int(left + (i - top) * slope) - _CORRIDOR)
            hi = min(right, int(left + (end - top) * slope) + _CORRIDOR)
            if lo < hi:
                spans.append((i, end, lo, hi))
    found = _mutual_best(features.src, tgt, src_norms, tgt_norms, spans, 1e-4)
    return consistent(np.vstack([anchors, found]))


def _mutual_best(
    src: Matrix,
    tgt: sparse.csr_matrix | sparse.csc_matrix,
    src_norms: NDArray[np.float32],
    tgt_norms: NDArray[np.float32],
    spans: Sequence[tuple[int, int, int, int]],
    distance_cost: float,
) -> Anchors:
    """Find pairs that are each other's clear best within spans of rows and columns.

    Args:
        src: `(n_src, d)`.
        tgt: `(d, n_tgt)`.
        src_norms: `(n_src,)`.
        tgt_norms: `(n_tgt,)`.
        spans: first row, last row, first column, last column of each part to compare.
        distance_cost: taken from the cosine for each sentence off the span's diagonal, to choose among
            repeats.
    """
    column_best = np.zeros(tgt.shape[1], np.float32)
    rows_found, columns_found, values_found = [], [], []
    for first, last, lo, hi in spans:
        block = tgt if hi - lo == tgt.shape[1] else tgt[:, lo:hi]
        product = sparse.csr_matrix(src[first:last] @ block)
        if not product.nnz:
            continue
        lengths = np.diff(product.indptr)
        row = np.repeat(np.arange(first, last), lengths)
        column = product.indices + lo
        value = product.data / (src_norms[row] * tgt_norms[column])
        if distance_cost:
            value -= distance_cost * np.abs((row - first) / (last - first) * (hi - lo) - (column - lo))
        filled = np.flatnonzero(lengths)
        starts = product.indptr[:-1][filled]
        best = np.maximum.reduceat(value, starts)
        is_best = value == np.repeat(best, lengths[filled])
        places = np.flatnonzero(is_best)
        places = places[np.unique(row[places], return_index=True)[1]]
        order = np.argsort(column, kind="stable")
        columns, column_starts = np.unique(column[order], return_index=True)
        column_best[columns] = np.maximum(
            column_best[columns], np.maximum.reduceat(value[order], column_starts)
        )
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


def consistent(anchors: Anchors) -> Anchors:
    """Keep the longest chain that rises on both sides, without anchors far off their neighbours."""
    anchors = _rising(anchors[np.lexsort((-anchors[:, 1], anchors[:, 0]))])
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
