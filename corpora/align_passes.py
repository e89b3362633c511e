"""The passes of sentence alignment over a group of documents: first alignment, lexicon, second alignment."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dragoman.corpora.align_anchors import STRIP, band_around, near_anchors, rare_anchors
from dragoman.corpora.align_features import Features, Matrix, Vocabulary, counts, featurize, word_pairs, words
from dragoman.corpora.align_length import LengthScorer, running_lengths
from dragoman.corpora.align_lexicon import (
    Lexicon,
    add_translations,
    bead_words,
    learn_lexicon,
    lexicon_matrix,
    stem,
)
from dragoman.corpora.align_search import Band, Gaps, Step, search
from dragoman.corpora.align_similarity import (
    SimilarityScorer,
    Vectors,
    bead_kinds,
    embedding_vectors,
    feature_vectors,
)
from dragoman.corpora.alignment import DocumentPair, Hypotheses
from dragoman.units import Bead

Words = list[list[str]]

# Costs of sentences without a counterpart: the first of a run, each further one. In units of bead scores.
_GAP_OPEN = 0.2
_GAP_EXTEND = 0.02
_TEMPERATURE = 0.08
_FULL_CELLS = 400_000
_BLIND_STRIP = 100
_PATH_STRIP = 20


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A document pair as words: of both sides, of the hypotheses, and the source's stems."""

    pair: DocumentPair
    src: Words
    tgt: Words
    mt: Words | None
    mt_reverse: Words | None
    stems: Words


_LINE_ID = re.compile(r"\d+\t")


def _without_line_ids(sentences: Sequence[str]) -> list[str]:
    """Drop a column of line numbers: when every sentence has one they would match each other, not the text."""
    starts = [_LINE_ID.match(sentence) for sentence in sentences]
    if not sentences or not all(starts):
        return list(sentences)
    return [sentence[start.end() :] for sentence, start in zip(sentences, starts, strict=True) if start]


def _prepare(pair: DocumentPair) -> _Prepared:
    pair = replace(pair, src=_without_line_ids(pair.src), tgt=_without_line_ids(pair.tgt))
    src, tgt = [words(s) for s in pair.src], [words(t) for t in pair.tgt]
    return _Prepared(
        pair,
        src,
        tgt,
        _hypothesis_words(pair.mt),
        _hypothesis_words(pair.mt_reverse),
        [[stem(w) for w in s] for s in src],
    )


def _hypothesis_words(hypotheses: Hypotheses | None) -> Words | None:
    """Return the words of each sentence's hypotheses; several are strung together."""
    if hypotheses is None:
        return None
    return [words(h) if isinstance(h, str) else [w for one in h for w in words(one)] for h in hypotheses]


def _first_hypotheses(hypotheses: Hypotheses) -> list[str]:
    return [h if isinstance(h, str) else " ".join(h) for h in hypotheses]


def align_group(pairs: Sequence[DocumentPair]) -> Iterator[list[Bead]]:
    """Align documents with a lexicon pooled over all of them."""
    prepared = [_prepare(pair) for pair in pairs]
    paths = [_first_pass(document) for document in prepared]
    blind = [d.mt is None and d.mt_reverse is None and d.pair.embeddings is None for d in prepared]
    if any(blind):
        lexicon = _pooled_lexicon(prepared, paths)
        paths = [
            _similarity_pass(document, lexicon, None, None) if is_blind else path
            for document, path, is_blind in zip(prepared, paths, blind, strict=True)
        ]
    lexicon = _pooled_lexicon(prepared, paths)
    for document, path in zip(prepared, paths, strict=True):
        yield [_bead(step) for step in _similarity_pass(document, lexicon, path, _TEMPERATURE)]


def _bead(step: Step) -> Bead:
    return Bead(
        range(step.src, step.src + step.n), range(step.tgt, step.tgt + step.m), step.score, step.posterior
    )


def _spans(path: list[Step]) -> Iterator[tuple[range, range]]:
    return ((range(s.src, s.src + s.n), range(s.tgt, s.tgt + s.m)) for s in path)


def _pooled_lexicon(prepared: Sequence[_Prepared], paths: Sequence[list[Step]]) -> Lexicon:
    return learn_lexicon(
        bead
        for document, path in zip(prepared, paths, strict=True)
        for bead in bead_words(_spans(path), document.stems, document.tgt)
    )


def _first_pass(document: _Prepared) -> list[Step]:
    if document.mt is None and document.mt_reverse is None and document.pair.embeddings is None:
        return _length_pass(document)
    return _similarity_pass(document, None, None, None)


def _length_pass(document: _Prepared) -> list[Step]:
    src, tgt = running_lengths(document.pair.src), running_lengths(document.pair.tgt)
    if not len(document.pair.src) or not len(document.pair.tgt):
        return _only_gaps(document)
    scorer = LengthScorer(src * (tgt[-1] / max(1.0, src[-1])), tgt)
    return search(scorer, _band(len(document.src), len(document.tgt), None, None), scorer.gaps())


def _similarity_pass(
    document: _Prepared, lexicon: Lexicon | None, path: list[Step] | None, temperature: float | None
) -> list[Step]:
    pair = document.pair
    n_src, n_tgt = len(pair.src), len(pair.tgt)
    if not n_src or not n_tgt:
        return _only_gaps(document)
    kinds = bead_kinds()
    longest = 1 + max(max(kind) for kind in kinds)
    views: list[Vectors] = []
    features = None
    if pair.embeddings is not None:
        views.append(embedding_vectors(*pair.embeddings, longest))
    if document.mt is not None or not views:
        features = _features(document, lexicon)
        views.append(feature_vectors(features, longest))
    if document.mt_reverse is not None:
        reverse = _plain_features(document.src, document.mt_reverse)
        features = features or reverse
        views.append(feature_vectors(reverse, longest))
    src, tgt = _lengths(pair)
    scorer = SimilarityScorer(tuple(views), src, tgt, kinds)
    return search(scorer, _band(n_src, n_tgt, features, path), _gaps(n_src, n_tgt), temperature)


def _lengths(pair: DocumentPair) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return running lengths of both sides in one unit."""
    src = running_lengths(pair.src if pair.mt is None else _first_hypotheses(pair.mt))
    tgt = running_lengths(pair.tgt)
    return (src * (tgt[-1] / max(1.0, src[-1]))).astype(np.float32), tgt.astype(np.float32)


def _gaps(n_src: int, n_tgt: int) -> Gaps:
    return Gaps(
        np.full(n_src, _GAP_OPEN, np.float32),
        np.full(n_src, _GAP_EXTEND, np.float32),
        np.full(n_tgt, _GAP_OPEN, np.float32),
        np.full(n_tgt, _GAP_EXTEND, np.float32),
    )


def _plain_features(src: Words, tgt: Words) -> Features:
    vocabulary = Vocabulary()
    sides = [vocabulary.rows(side) for side in (src, tgt)]
    matrices = [counts(*side, len(vocabulary)) for side in sides]
    return featurize(matrices[0], matrices[1], vocabulary, *_pairs(sides[0], sides[1], len(vocabulary)))


def _features(document: _Prepared, lexicon: Lexicon | None) -> Features:
    vocabulary = Vocabulary()
    tgt_rows = vocabulary.rows(document.tgt)
    src_rows = vocabulary.rows(document.src if document.mt is None else document.mt)
    n_words = len(vocabulary)
    src, tgt = counts(*src_rows, n_words), counts(*tgt_rows, n_words)
    if lexicon:
        stem_vocabulary = Vocabulary()
        stems = counts(*stem_vocabulary.rows(document.stems), len(stem_vocabulary))
        src = add_translations(src, stems, lexicon_matrix(lexicon, stem_vocabulary, vocabulary))
    return featurize(src, tgt, vocabulary, *_pairs(src_rows, tgt_rows, n_words))


def _pairs(
    src: tuple[NDArray[np.int32], NDArray[np.int64]],
    tgt: tuple[NDArray[np.int32], NDArray[np.int64]],
    n_words: int,
) -> tuple[Matrix, Matrix]:
    """Count pairs of neighbouring words on both sides, in one numbering."""
    src_keys, src_starts = word_pairs(*src, n_words)
    tgt_keys, tgt_starts = word_pairs(*tgt, n_words)
    kinds, numbers = np.unique(np.concatenate([src_keys, tgt_keys]), return_inverse=True)
    numbers = numbers.astype(np.int32)
    return (
        counts(numbers[: len(src_keys)], src_starts, len(kinds)),
        counts(numbers[len(src_keys) :], tgt_starts, len(kinds)),
    )


def _only_gaps(document: _Prepared) -> list[Step]:
    src = [Step(i, 0, 1, 0, 0.0, 1.0) for i in range(len(document.src))]
    return src + [Step(len(document.src), j, 0, 1, 0.0, 1.0) for j in range(len(document.tgt))]


def _band(n_src: int, n_tgt: int, features: Features | None, path: Sequence[Step] | None) -> Band:
    """Choose the cells to search: all of a small text, else those near the path so far or near anchors."""
    if path is not None:
        return band_around(np.array([(s.src, s.tgt) for s in path if s.n and s.m] or [(0, 0)]), n_src, n_tgt, _PATH_STRIP)
    if n_src * n_tgt <= _FULL_CELLS:
        return Band.full(n_src, n_tgt)
    anchors = np.zeros((0, 2), np.int64)
    if features is not None:
        anchors = near_anchors(features, rare_anchors(features))
    return band_around(anchors, n_src, n_tgt, STRIP if len(anchors) else _BLIND_STRIP)
