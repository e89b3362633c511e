"""A document pair made ready for alignment: its words numbered, and what both sides are compared by."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dragoman.corpora.align_features import (
    Features,
    Matrix,
    Rows,
    Vocabulary,
    counts,
    featurize,
    word_pairs,
    word_parts,
    words,
)
from dragoman.corpora.align_length import running_lengths
from dragoman.corpora.align_lexicon import add_translations, bundled_lexicon, lexicon_matrix, stem
from dragoman.corpora.alignment import DocumentPair, Hypotheses, Lexicon

_LONG = 3_000  # sentences of a side that make a text long: its first path comes from anchors

_LINE_ID = re.compile(r"\d+\t")
_ARABIC = re.compile("[\u0620-\u064a]")
_LATIN = re.compile("[A-Za-z]")


@dataclass(frozen=True)
class Prepared:
    """A document pair as numbered words: of both sides and of the hypotheses."""

    pair: DocumentPair
    vocabulary: Vocabulary
    src: Rows
    tgt: Rows
    mt: Rows | None
    mt_reverse: Rows | None

    @cached_property
    def compared(self) -> "Compared":
        """What all passes compare: the hypotheses, or else the source itself, with the target."""
        return compare_words(self.vocabulary, self.src if self.mt is None else self.mt, self.tgt)

    @cached_property
    def lengths(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Running lengths of both sides in one unit, target characters."""
        pair = self.pair
        src = running_lengths(pair.src if pair.mt is None else _first_hypotheses(pair.mt))
        tgt = running_lengths(pair.tgt)
        return (src * (tgt[-1] / max(1.0, src[-1]))).astype(np.float32), tgt.astype(np.float32)

    @property
    def is_blind(self) -> bool:
        """There is nothing to compare the two languages by yet."""
        return self.mt is None and self.mt_reverse is None and self.pair.embeddings is None

    @property
    def is_long(self) -> bool:
        """The text is too long for the common passes."""
        return max(self.sizes) > _LONG

    @property
    def sizes(self) -> tuple[int, int]:
        """Numbers of sentences."""
        return len(self.pair.src), len(self.pair.tgt)


class Compared(NamedTuple):
    """Two sides as counts of the words of both, and those words taken apart."""

    src: Matrix
    tgt: Matrix
    names: list[str]
    parts: Matrix
    pairs: tuple[Matrix, Matrix]


def prepare(pair: DocumentPair) -> Prepared:
    """Number the words of a document pair."""
    pair = replace(pair, src=_without_line_ids(pair.src), tgt=_without_line_ids(pair.tgt))
    vocabulary = Vocabulary()
    return Prepared(
        pair,
        vocabulary,
        vocabulary.rows(words(sentence) for sentence in pair.src),
        vocabulary.rows(words(sentence) for sentence in pair.tgt),
        None if pair.mt is None else vocabulary.rows(_hypothesis_words(pair.mt)),
        None if pair.mt_reverse is None else vocabulary.rows(_hypothesis_words(pair.mt_reverse)),
    )


def compare_words(vocabulary: Vocabulary, src: Rows, tgt: Rows) -> Compared:
    """Count the words of two sides, and take them apart."""
    (src, tgt), names = compact(vocabulary, src, tgt)
    n_words = len(names)
    pairs = word_pairs(src, tgt, n_words)
    return Compared(counts(src, n_words), counts(tgt, n_words), names, word_parts(names), pairs)


def _without_line_ids(sentences: Sequence[str]) -> list[str]:
    """Drop a column of line numbers when every sentence has one: they would match each other."""
    starts = [_LINE_ID.match(sentence) for sentence in sentences]
    if not sentences or not all(starts):
        return list(sentences)
    return [sentence[start.end() :] for sentence, start in zip(sentences, starts, strict=True) if start]


def _hypothesis_words(hypotheses: Hypotheses) -> Iterator[list[str]]:
    """Return the words of each sentence's hypotheses; several are strung together."""
    return (words(h) if isinstance(h, str) else [w for one in h for w in words(one)] for h in hypotheses)


def _first_hypotheses(hypotheses: Hypotheses) -> list[str]:
    return [h if isinstance(h, str) else " ".join(h) for h in hypotheses]


def compact(vocabulary: Vocabulary, *sides: Rows) -> tuple[list[Rows], list[str]]:
    """Renumber the words of some sides so that only theirs are left; return them and the words."""
    used = np.zeros(len(vocabulary), bool)
    for rows in sides:
        used[rows.numbers] = True
    renumbered = (np.cumsum(used) - 1).astype(np.int32)
    names = [name for name, is_used in zip(vocabulary.numbers, used.tolist(), strict=True) if is_used]
    return [Rows(renumbered[rows.numbers], rows.starts) for rows in sides], names


def stem_counts(document: Prepared) -> tuple[Matrix, list[str]]:
    """Count the stems of the source sentences; return the counts and the stems."""
    (rows,), names = compact(document.vocabulary, document.src)
    stems: dict[str, int] = {}
    numbers = np.array([stems.setdefault(stem(name), len(stems)) for name in names], np.int32)
    return counts(Rows(numbers[rows.numbers], rows.starts), len(stems)), list(stems)


def document_features(document: Prepared, lexicon: Lexicon) -> Features:
    """Return the features of both sides; what the lexicon knows is added to the source's."""
    compared = document.compared
    src = compared.src
    if lexicon:
        stems, stem_names = stem_counts(document)
        src = add_translations(src, stems, lexicon_matrix(lexicon, stem_names, compared.names))
    return featurize(src, compared.tgt, compared.parts, compared.pairs)


def known_lexicon(document: Prepared) -> Lexicon:
    """Return the bundled lexicon where the texts are Arabic and in Latin letters."""
    first_src, first_tgt = "".join(document.pair.src[:50]), "".join(document.pair.tgt[:50])
    is_arabic = 2 * len(_ARABIC.findall(first_src)) > len(first_src) - first_src.count(" ")
    return bundled_lexicon() if is_arabic and 2 * len(_LATIN.findall(first_tgt)) > len(first_tgt) / 2 else {}
