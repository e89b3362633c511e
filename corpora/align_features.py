"""What sentences are compared by: idf-weighted words, prefixes, character n-grams and word pairs, as sparse rows.

Words that differ by inflection, spelling or compounding still share prefixes and character n-grams, so that a
machine translation and a human one of the same sentence meet. A document's sentences become a matrix of word
counts; a word's features are a row of a second matrix; their product is the matrix of sentence features. So each
word is taken apart once, however often it occurs.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

# Weights of a word's features before idf; measured on German-French, English-Icelandic and Arabic-English.
WORD_WEIGHT = 1.0
PREFIX_WEIGHT = 0.5
NGRAM_WEIGHT = 0.3
PAIR_WEIGHT = 0.3
PREFIX_LENGTH = 5
NGRAM_LENGTH = 4

# Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana, CJK ideographs.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(f"[{_UNSPACED}]+|[^\\W_{_UNSPACED}]+")
_STARTS_UNSPACED = re.compile(f"[{_UNSPACED}]")
# Combining marks (Latin accents after NFKD, Hebrew points, Arabic vowels and Quranic signs) and the tatweel: dropped.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]+")

Matrix = sparse.csr_matrix


def words(text: str) -> list[str]:
    """Split a text into words for comparison: casefolded, compatibility-decomposed, without combining marks.

    Of scripts that do not write spaces, each character and each two neighbours are a word.

    >>> words("L'été de 2024, 北京")
    ['l', 'ete', 'de', '2024', '北', '北京', '京']
    """
    if text.isascii():
        return _WORD.findall(text.casefold())
    found = _WORD.findall(_MARKS.sub("", unicodedata.normalize("NFKD", text.casefold())))
    if not _STARTS_UNSPACED.search(text):
        return found
    return [
        piece
        for word in found
        for piece in (_character_words(word) if _STARTS_UNSPACED.match(word) else (word,))
    ]


def _character_words(run: str) -> list[str]:
    return [run[i : i + length] for i in range(len(run)) for length in (1, 2) if i + length <= len(run)]


class Vocabulary:
    """Words numbered in the order in which they are met."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.numbers)

    def rows(self, sentences: Sequence[Sequence[str]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Number the words of tokenised sentences.

        Returns:
            All word numbers, int32, one after the other, and where each sentence starts: `(n + 1,)` int64.
        """
        numbers = self.numbers
        starts = np.zeros(len(sentences) + 1, np.int64)
        np.cumsum([len(s) for s in sentences], out=starts[1:])
        flat = [numbers.setdefault(word, len(numbers)) for sentence in sentences for word in sentence]
        return np.array(flat, np.int32), starts


def counts(numbers: NDArray[np.int32], starts: NDArray[np.int64], n_columns: int) -> Matrix:
    """Count numbers by row: a `(n, n_columns)` float32 matrix."""
    matrix = sparse.csr_matrix(
        (np.ones(len(numbers), np.float32), numbers, starts), shape=(len(starts) - 1, n_columns)
    )
    matrix.sum_duplicates()
    return matrix


@lru_cache(maxsize=200_000)
def _parts(word: str) -> tuple[str, ...]:
    """Return a word's features beside itself: prefix ("p…") and character n-grams ("g…")."""
    marked = f"<{word}>"
    grams = {marked[i : i + NGRAM_LENGTH] for i in range(max(1, len(marked) - NGRAM_LENGTH + 1))}
    prefix = (f"p{word[:PREFIX_LENGTH]}",) if len(word) >= PREFIX_LENGTH else ()
    return (*prefix, *(f"g{gram}" for gram in sorted(grams)))


def word_parts(vocabulary: Vocabulary) -> Matrix:
    """Take each word of a vocabulary apart: `(n_words, n_words + n_parts)` float32, weights before idf."""
    numbers: dict[str, int] = {}
    n_words = len(vocabulary)
    indices: list[int] = []
    values: list[float] = []
    starts = [0]
    for number, word in enumerate(vocabulary.numbers):
        parts = _parts(word)
        indices.append(number)
        values.append(WORD_WEIGHT)
        indices.extend(n_words + numbers.setdefault(part, len(numbers)) for part in parts)
        values.extend(PREFIX_WEIGHT if part[0] == "p" else NGRAM_WEIGHT for part in parts)
        starts.append(len(indices))
    return sparse.csr_matrix(
        (np.array(values, np.float32), np.array(indices, np.int32), np.array(starts, np.int64)),
        shape=(n_words, n_words + len(numbers)),
    )


def word_pairs(
    numbers: NDArray[np.int32], starts: NDArray[np.int64], n_words: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the key of each pair of neighbouring words, and where each sentence's pairs start."""
    keys = numbers[:-1].astype(np.int64) * n_words + numbers[1:]
    inside = np.ones(len(keys), bool)
    breaks = starts[1:-1]
    inside[breaks[(breaks > 0) & (breaks <= len(keys))] - 1] = False
    lengths = np.maximum(np.diff(starts) - 1, 0)
    return keys[inside], np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Features:
    """Sentence features of two sides in one space.

    Attributes:
        src: `(n_src, n_features)` float32, idf-weighted; features seen once in both sides together are left out.
        tgt: `(n_tgt, n_features)` float32.
        src_lone: `(n_src,)` float32, squared weight of the features seen once: they count in the norm only.
        tgt_lone: `(n_tgt,)` float32.
    """

    src: Matrix
    tgt: Matrix
    src_lone: NDArray[np.float32]
    tgt_lone: NDArray[np.float32]


def featurize(
    src: Matrix,
    tgt: Matrix,
    vocabulary: Vocabulary,
    src_pairs: Matrix | None = None,
    tgt_pairs: Matrix | None = None,
) -> Features:
    """Turn word counts of two sides into idf-weighted features.

    Args:
        src: `(n_src, n_words)` weights of words.
        tgt: `(n_tgt, n_words)` weights of words.
        vocabulary: the words.
        src_pairs: `(n_src, n_pairs)` counts of word pairs, or None for none.
        tgt_pairs: `(n_tgt, n_pairs)`.
    """
    parts = word_parts(vocabulary)
    sides = [src @ parts, tgt @ parts]
    if src_pairs is not None and tgt_pairs is not None:
        sides = [
            sparse.hstack([side, pairs * np.float32(PAIR_WEIGHT)], format="csr")
            for side, pairs in zip(sides, (src_pairs, tgt_pairs), strict=True)
        ]
    n_columns = sides[0].shape[1]
    frequency = sum(np.bincount(side.indices, minlength=n_columns) for side in sides)
    idf = np.log1p((src.shape[0] + tgt.shape[0]) / np.maximum(frequency, 1)).astype(np.float32)
    shared = frequency > 1
    columns = np.cumsum(shared) - 1
    kept, lone = [], []
    for side in sides:
        data = side.data * idf[side.indices]
        keep = shared[side.indices]
        rows = np.repeat(np.arange(side.shape[0]), np.diff(side.indptr))
        lone.append(
            np.bincount(rows[~keep], weights=data[~keep] ** 2, minlength=side.shape[0]).astype(np.float32)
        )
        starts = np.concatenate([[0], np.cumsum(np.bincount(rows[keep], minlength=side.shape[0]))])
        kept.append(
            sparse.csr_matrix(
                (data[keep], columns[side.indices[keep]].astype(np.int32), starts),
                shape=(side.shape[0], int(shared.sum())),
            )
        )
    return Features(kept[0], kept[1], lone[0], lone[1])
