"""What sentences are compared by: weighted words, prefixes, character n-grams and word pairs, as sparse rows.

Words that differ by inflection, spelling or compounding still share prefixes and character n-grams, so that a
machine translation and a human one of the same sentence meet. A document's sentences become a matrix of word
counts; a word's features are a row of a second matrix; their product is the matrix of sentence features. So
each word is taken apart once, however often it occurs.
"""

import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import NamedTuple

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
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = re.compile(f"[{_UNSPACED}]+|[^\\W_{_UNSPACED}]+")
_STARTS_UNSPACED = re.compile(f"[{_UNSPACED}]")
# Combining marks (Latin accents after NFKD, Hebrew points, Arabic vowels and Quranic signs) and the tatweel.
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


class Rows(NamedTuple):
    """Sentences as word numbers, one after the other.

    Attributes:
        numbers: `(n_words,)` int32.
        starts: `(n + 1,)` int64, where each sentence starts in `numbers`.
    """

    numbers: NDArray[np.int32]
    starts: NDArray[np.int64]


class Vocabulary:
    """Words numbered in the order in which they are met."""

    def __init__(self) -> None:
        # A new word gets the next number, without a line of Python for each word.
        self.numbers: defaultdict[str, int] = defaultdict(count().__next__)

    def __len__(self) -> int:
        return len(self.numbers)

    def rows(self, sentences: Iterable[Iterable[str]]) -> Rows:
        """Number the words of tokenised sentences; the sentences are consumed one by one."""
        numbers = self.numbers
        flat = array("i")
        lengths = []
        for sentence in sentences:
            before = len(flat)
            flat.extend(map(numbers.__getitem__, sentence))
            lengths.append(len(flat) - before)
        starts = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=starts[1:])
        return Rows(np.array(flat, np.int32), starts)


def counts(rows: Rows, n_columns: int) -> Matrix:
    """Count numbers by row: a `(n, n_columns)` float32 matrix."""
    # A copy: the matrix sorts its numbers in place.
    matrix = sparse.csr_matrix(
        (np.ones(len(rows.numbers), np.float32), rows.numbers.copy(), rows.starts),
        shape=(len(rows.starts) - 1, n_columns),
    )
    matrix.sum_duplicates()
    return matrix


@lru_cache(maxsize=200_000)
def _parts(word: str) -> tuple[str, ...]:
    """Return a word's features beside itself: first a prefix ("p…"), if long enough; n-grams ("g…")."""
    marked = f"<{word}>"
    grams = {marked[i : i + NGRAM_LENGTH] for i in range(max(1, len(marked) - NGRAM_LENGTH + 1))}
    prefix = (f"p{word[:PREFIX_LENGTH]}",) if len(word) >= PREFIX_LENGTH else ()
    return (*prefix, *(f"g{gram}" for gram in sorted(grams)))


def word_parts(names: Sequence[str]) -> Matrix:
    """Take words apart: `(n_words, n_words + n_parts)` float32, weights before idf."""
    n_words = len(names)
    numbers: defaultdict[str, int] = defaultdict(count(n_words).__next__)
    indices = array("i")
    values = array("f")
    starts = [0]
    for number, word in enumerate(names):
        parts = _parts(word)
        indices.append(number)
        values.append(WORD_WEIGHT)
        indices.extend(map(numbers.__getitem__, parts))
        values.append(PREFIX_WEIGHT if parts[0][0] == "p" else NGRAM_WEIGHT)
        values.extend([NGRAM_WEIGHT] * (len(parts) - 1))
        starts.append(len(indices))
    return sparse.csr_matrix(
        (np.array(values, np.float32), np.array(indices, np.int32), np.array(starts, np.int64)),
        shape=(n_words, n_words + len(numbers)),
    )


def word_pairs(src: Rows, tgt: Rows, n_words: int) -> tuple[Matrix, Matrix]:
    """Count word pairs of both sides in one numbering; those met once share the last column."""
    sides = [_pair_keys(rows, n_words) for rows in (src, tgt)]
    _, numbers, frequency = np.unique(
        np.concatenate([keys for keys, _ in sides]), return_inverse=True, return_counts=True
    )
    repeated = frequency > 1
    columns = np.where(repeated, np.cumsum(repeated) - 1, repeated.sum()).astype(np.int32)
    matrices = []
    first = 0
    for keys, starts in sides:
        mine = numbers[first : first + len(keys)]
        first += len(keys)
        matrices.append(counts(Rows(columns[mine], starts), int(repeated.sum()) + 1))
    return matrices[0], matrices[1]


def _n_pairs(rows: Rows) -> NDArray[np.int64]:
    n_pairs: NDArray[np.int64] = np.maximum(np.diff(rows.starts) - 1, 0)
    return n_pairs


def _pair_keys(rows: Rows, n_words: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    keys = rows.numbers[:-1].astype(np.int64) * n_words + rows.numbers[1:]
    inside = np.ones(len(keys), bool)
    breaks = rows.starts[1:-1]
    inside[breaks[(breaks > 0) & (breaks <= len(keys))] - 1] = False
    return keys[inside], np.concatenate([[0], np.cumsum(_n_pairs(rows))]).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Features:
    """Sentence features of two sides in one space.

    Attributes:
        src: `(n_src, n_features)` float32, idf-weighted; features met in one sentence alone are left out.
        tgt: `(n_tgt, n_features)` float32.
        src_lone: `(n_src,)` float32, squared weight of what was left out: it counts in the norm only.
        tgt_lone: `(n_tgt,)` float32.
    """

    src: Matrix
    tgt: Matrix
    src_lone: NDArray[np.float32]
    tgt_lone: NDArray[np.float32]


def featurize(src: Matrix, tgt: Matrix, parts: Matrix, pairs: tuple[Matrix, Matrix] | None) -> Features:
    """Turn word counts of two sides into idf-weighted features.

    Args:
        src: `(n_src, n_words)` weights of words.
        tgt: `(n_tgt, n_words)` weights of words.
        parts: the words taken apart, see `word_parts`.
        pairs: counts of word pairs of both sides, or None for none.
    """
    n_sentences = src.shape[0] + tgt.shape[0]
    sides = [[sparse.csr_matrix(chunk @ parts) for chunk in _chunks(side)] for side in (src, tgt)]
    frequency = np.zeros(parts.shape[1], np.int64)
    for chunks in sides:
        for chunk in chunks:
            frequency += np.bincount(chunk.indices, minlength=parts.shape[1])
    idf = np.log1p(n_sentences / np.maximum(frequency, 1)).astype(np.float32)
    is_shared = frequency > 1
    blocks, lone_squares = [], []
    for chunks in sides:
        weighted = [_weighted(chunks.pop(0), idf, is_shared) for _ in range(len(chunks))]
        blocks.append(sparse.vstack([kept for kept, _ in weighted], format="csr"))
        lone_squares.append(np.concatenate([squares for _, squares in weighted]))
    if pairs is not None:
        pair_frequency = sum(np.bincount(p.indices, minlength=p.shape[1]) for p in pairs)
        pair_idf = PAIR_WEIGHT * np.log1p(n_sentences / np.maximum(pair_frequency, 1))
        pair_idf[-1] = PAIR_WEIGHT * np.log1p(n_sentences)
        for number, matrix in enumerate(pairs):
            once = matrix[:, -1].toarray().ravel()
            lone_squares[number] += (once * pair_idf[-1] ** 2).astype(np.float32)
            kept = matrix[:, :-1]
            kept.data *= pair_idf.astype(np.float32)[kept.indices]
            blocks[number] = sparse.hstack([blocks[number], kept], format="csr")
    return Features(blocks[0], blocks[1], lone_squares[0], lone_squares[1])


def _weighted(
    chunk: Matrix, idf: NDArray[np.float32], is_shared: NDArray[np.bool_]
) -> tuple[Matrix, NDArray[np.float32]]:
    """Weigh features by idf; return the shared ones, renumbered, and each row's squares of the others."""
    n_rows = chunk.shape[0]
    rows = np.repeat(np.arange(n_rows), np.diff(chunk.indptr))
    values, is_kept = chunk.data * idf[chunk.indices], is_shared[chunk.indices]
    squares = np.bincount(rows[~is_kept], values[~is_kept] ** 2, n_rows).astype(np.float32)
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows[is_kept], minlength=n_rows))])
    numbers = (np.cumsum(is_shared) - 1).astype(np.int32)
    kept = values[is_kept], numbers[chunk.indices[is_kept]], starts
    return sparse.csr_matrix(kept, shape=(n_rows, int(is_shared.sum()))), squares


def _chunks(matrix: Matrix, size: int = 10_000) -> Iterator[Matrix]:
    return (matrix[first : first + size] for first in range(0, matrix.shape[0], size))
