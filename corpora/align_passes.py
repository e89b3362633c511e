"""The passes of sentence alignment over a group of documents: first alignment, lexicon, second alignment."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dragoman.corpora.align_anchors import STRIP, Anchors, band_around, near_anchors, rare_anchors
from dragoman.corpora.align_band import Band
from dragoman.corpora.align_batch import Gaps
from dragoman.corpora.align_best import Step
from dragoman.corpora.align_confidence import confidence
from dragoman.corpora.align_features import (
    Features,
    counts,
    featurize,
)
from dragoman.corpora.align_joined import with_joined
from dragoman.corpora.align_length import LengthScorer
from dragoman.corpora.align_lexicon import (
    MOST_BEADS,
    LexiconLearner,
    joined,
)
from dragoman.corpora.align_moved import with_moved
from dragoman.corpora.align_prepared import (
    Prepared,
    compact,
    compare_words,
    document_features,
    known_lexicon,
    prepare,
    stem_counts,
)
from dragoman.corpora.align_rescored import Costs, with_rescored
from dragoman.corpora.align_search import search
from dragoman.corpora.align_similarity import (
    SimilarityScorer,
    Vectors,
    bead_kinds,
    block_norms,
    embedding_vectors,
    feature_vectors,
)
from dragoman.corpora.alignment import DocumentPair, Lexicon
from dragoman.units import Bead

# Costs of sentences without a counterpart: the first of a run, each further one. In units of bead scores.
_GAP_OPEN = 0.12
_GAP_EXTEND = 0.015
_TEMPERATURE = 0.095  # of the posteriors, times the root of the document's median bead score
_USUAL_SCALE = 0.4
_LEAST_SCALE = 0.05
_FULL_CELLS = 400_000  # of a text whose cells are all searched
_SMALL_CELLS = 20_000  # likewise when a path is known already
_PATH_STRIP = 14  # half width of the band around a path
_LONG_STRIP = 9  # likewise for a long text
_BLIND_STRIP = 100  # half width where nothing but the text's ends is known
_VERY_LONG = 20_000  # likewise: no beads of more than six sentences, and a narrow band
_EDGE = 5_000  # sentences at either end of a long text that lengths align well
_ROWS_AN_ANCHOR = 25  # of a text that its anchors lay out well
_SCORE_OF_COSINE = 0.7  # bead scores lose part of the cosine to the neighbours


def align_group(pairs: Sequence[DocumentPair], lexicon: Lexicon | None = None) -> Iterator[list[Bead]]:
    """Align documents with a lexicon pooled over all of them, on top of one that is known before."""
    prepared = [prepare(pair) for pair in pairs]
    known = [known_lexicon(document) if lexicon is None else lexicon for document in prepared]
    firsts = [_first_pass(document, lexicon) for document, lexicon in zip(prepared, known, strict=True)]
    paths = [first.path for first in firsts]
    learned = _pooled_lexicon(prepared, paths)
    for number, (document, first) in enumerate(zip(prepared, firsts, strict=True)):
        if first.is_rough:
            path = first.path if known[number] or document.is_long else None
            paths[number] = _similarity_pass(document, joined(known[number], learned), path, None)
    if any(first.is_rough for first in firsts):
        learned = _pooled_lexicon(prepared, paths)
    for number, document in enumerate(prepared):
        path = _similarity_pass(document, joined(known[number], learned), paths[number], _TEMPERATURE)
        yield [as_bead(step) for step in path]


def as_bead(step: Step) -> Bead:
    """Make a step of the last path a bead."""
    return Bead(
        range(step.src, step.src + step.n),
        range(step.tgt, step.tgt + step.m),
        step.score,
        confidence(step),
        step.monotone,
    )


def _pooled_lexicon(prepared: Sequence[Prepared], paths: Sequence[list[Step]]) -> Lexicon:
    learner = LexiconLearner()
    for document, path in zip(prepared, paths, strict=True):
        if learner.is_full:
            break
        spans = np.array([(s.src, s.src + s.n, s.tgt, s.tgt + s.m) for s in path if s.n and s.m], np.int64)
        stems, stem_names = stem_counts(document)
        tgt_rows, tgt_names = compact(document.vocabulary, document.tgt)
        spans = spans[:: max(1, len(spans) // MOST_BEADS)]
        learner.add(spans.reshape(-1, 4), stems, stem_names, counts(tgt_rows[0], len(tgt_names)), tgt_names)
    return learner.lexicon()


class _First(NamedTuple):
    """A first path, and whether it is so rough that another one comes before the last."""

    path: list[Step]
    is_rough: bool


def _first_pass(document: Prepared, lexicon: Lexicon) -> _First:
    """Find a first path: by the hypotheses or embeddings, by lengths where there are none, by anchors."""
    if not document.is_long:
        if document.is_blind:
            return _First(_length_pass(document, None), True)
        return _First(_similarity_pass(document, lexicon, None, None), False)
    if document.is_blind:
        lexicon = joined(lexicon, _edge_lexicon(document))
    path, anchors = _anchor_path(document, lexicon)
    return _First(path or _length_pass(document, anchors), document.is_blind)


def _edge_lexicon(document: Prepared) -> Lexicon:
    """Learn a lexicon from both ends of a long text, aligned by sentence lengths.

    Lengths lead astray by and by, so that the middle of a long text is best left out.
    """
    n_src, n_tgt = document.sizes
    pair = document.pair
    if max(n_src, n_tgt) > 2 * _EDGE:
        part = _EDGE / max(n_src, n_tgt)
        i, j = int(part * n_src), int(part * n_tgt)
        edges = [
            prepare(pair.part(range(i), range(j))),
            prepare(pair.part(range(n_src - i, n_src), range(n_tgt - j, n_tgt))),
        ]
    else:
        edges = [document]
    return _pooled_lexicon(edges, [_length_pass(edge, None) for edge in edges])


def _anchor_path(document: Prepared, lexicon: Lexicon) -> tuple[list[Step], Anchors]:
    """Lay a rough path through a long text along its anchors; empty where there are few of them."""
    features = document_features(document, lexicon)
    anchors = near_anchors(features, rare_anchors(features))
    if len(anchors) * _ROWS_AN_ANCHOR < min(document.sizes):
        return [], anchors
    src, tgt = features.src[anchors[:, 0]], features.tgt[anchors[:, 1]]
    norms = [block_norms(side, np.zeros(len(anchors), np.float32), 1)[1, 1:] for side in (src, tgt)]
    cosines = np.asarray(src.multiply(tgt).sum(axis=1)).ravel() / (norms[0] * norms[1])
    path = [
        Step(i, j, 1, 1, _SCORE_OF_COSINE * cosine, 1.0)
        for (i, j), cosine in zip(anchors.tolist(), cosines.tolist(), strict=True)
    ]
    return path, anchors


def _length_pass(document: Prepared, anchors: Anchors | None) -> list[Step]:
    n_src, n_tgt = document.sizes
    if not n_src or not n_tgt:
        return _only_gaps(document)
    src, tgt = document.lengths
    scorer = LengthScorer(src.astype(np.float64), tgt.astype(np.float64))
    none = np.zeros((0, 2), np.int64)
    band = (
        Band.full(n_src, n_tgt)
        if n_src * n_tgt <= _FULL_CELLS
        else band_around(none if anchors is None else anchors, n_src, n_tgt, _BLIND_STRIP)
    )
    return [step._replace(score=0.0) for step in search(scorer, band, scorer.gaps())]


def _similarity_pass(
    document: Prepared, lexicon: Lexicon, path: list[Step] | None, temperature: float | None
) -> list[Step]:
    pair = document.pair
    n_src, n_tgt = document.sizes
    if not n_src or not n_tgt:
        return _only_gaps(document)
    kinds = bead_kinds()
    if max(document.sizes) > _VERY_LONG:
        kinds = bead_kinds(longest=2, most=3) if temperature is None else bead_kinds(longest=5, most=6)
    longest = 1 + max(max(kind) for kind in kinds)
    views: list[Vectors] = []
    features = None
    if pair.embeddings is not None:
        views.append(embedding_vectors(*pair.embeddings, longest))
    if document.mt is not None or not views:
        features = document_features(document, lexicon)
        views.append(feature_vectors(features, longest))
    if document.mt_reverse is not None:
        back = compare_words(document.vocabulary, document.src, document.mt_reverse)
        reverse = featurize(back.src, back.tgt, back.parts, back.pairs)
        features = features or reverse
        views.append(feature_vectors(reverse, longest))
    breaks = _breaks(pair.src_paragraphs), _breaks(pair.tgt_paragraphs)
    scorer = SimilarityScorer(tuple(views), *document.lengths, kinds, *breaks)
    band = _band(document, features, path)
    if temperature is None:
        return search(scorer, band, _gaps(n_src, n_tgt))
    heat = temperature * _scale(path) ** 0.5
    steps = search(scorer, band, _gaps(n_src, n_tgt), heat)
    if pair.score_pairs is not None:
        costs = Costs(_GAP_OPEN, _GAP_EXTEND, heat)
        steps = with_rescored(steps, scorer, costs, (pair.src, pair.tgt), pair.score_pairs)
    return with_moved(with_joined(steps, views[0], scorer.src_lengths, scorer.tgt_lengths), views[0])


def _breaks(paragraphs: Sequence[int] | None) -> NDArray[np.float32] | None:
    """Count the paragraphs that begin up to each position, the first one aside."""
    if paragraphs is None:
        return None
    changes = np.diff(np.asarray(paragraphs)) != 0
    return np.concatenate([[0.0], np.cumsum(changes), [changes.sum()]]).astype(np.float32)


def _scale(path: Sequence[Step] | None) -> float:
    """Tell how much better than nothing beads of this document are: the median score of its beads so far."""
    scores = [step.score for step in path or () if step.n and step.m]
    return max(_LEAST_SCALE, float(np.median(scores))) if scores else _USUAL_SCALE


def _gaps(n_src: int, n_tgt: int) -> Gaps:
    return Gaps(
        np.full(n_src, _GAP_OPEN, np.float32),
        np.full(n_src, _GAP_EXTEND, np.float32),
        np.full(n_tgt, _GAP_OPEN, np.float32),
        np.full(n_tgt, _GAP_EXTEND, np.float32),
    )


def _only_gaps(document: Prepared) -> list[Step]:
    n_src, n_tgt = document.sizes
    src = [Step(i, 0, 1, 0, 0.0, 1.0) for i in range(n_src)]
    return src + [Step(n_src, j, 0, 1, 0.0, 1.0) for j in range(n_tgt)]


def _band(document: Prepared, features: Features | None, path: Sequence[Step] | None) -> Band:
    """Choose the cells to search: all of a small text, else those near the path so far or near anchors."""
    n_src, n_tgt = document.sizes
    if n_src * n_tgt <= (_FULL_CELLS if path is None else _SMALL_CELLS):
        return Band.full(n_src, n_tgt)
    if path is not None:
        points = np.array([(step.src, step.tgt) for step in path if step.n and step.m], np.int64).reshape(
            -1, 2
        )
        return band_around(
            points, n_src, n_tgt, _LONG_STRIP if max(document.sizes) > _VERY_LONG else _PATH_STRIP
        )
    anchors = np.zeros((0, 2), np.int64)
    if features is not None:
        anchors = near_anchors(features, rare_anchors(features))
    return band_around(
        anchors, n_src, n_tgt, STRIP if len(anchors) * _ROWS_AN_ANCHOR > n_src else _BLIND_STRIP
    )
