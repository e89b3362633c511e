"""A translation lexicon learned from the documents themselves, for the next alignment pass.

Source stems and target words that meet in the same beads more often than either elsewhere are taken for
translations of each other (Dice coefficient; Melamed 2000, Models of translational equivalence among words,
has better models for more text than a few documents offer). It is pooled over all documents of a job.
"""

import gzip
from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from dragoman.corpora.align_features import Matrix
from dragoman.corpora.alignment import Lexicon

_LEAST_COUNT = 2
_LEAST_DICE = 0.35
_BEST = 3
_MOST_FREQUENT = 0.1  # stems and words in more than this part of all beads say nothing
_MOST_OFTEN = 6000  # beads; likewise
MOST_BEADS = 20_000  # of a job; more do not teach more
_STEM_LENGTH = 6
BUNDLED_WEIGHT = (
    2.0  # of the bundled lexicon's Dice coefficients; they rest on more text than a document's own
)

# Arabic proclitics before the stem, longest first: wa-/fa- + bi-/ka-/li- + the article.
_PROCLITICS = (
    "\u0648\u0628\u0627\u0644", "\u0648\u0643\u0627\u0644", "\u0641\u0628\u0627\u0644", "\u0648\u0644\u0644",
    "\u0648\u0627\u0644", "\u0628\u0627\u0644", "\u0643\u0627\u0644", "\u0641\u0627\u0644", "\u0644\u0644",
    "\u0627\u0644",
)  # fmt: skip


def stem(word: str) -> str:
    """Cut a word to what its forms share: an Arabic word loses its article, all are cut to six letters."""
    if "\u0600" <= word[0] <= "\u06ff":
        for proclitic in _PROCLITICS:
            if word.startswith(proclitic) and len(word) - len(proclitic) >= 3:
                word = word[len(proclitic) :]
                break
    return word[:_STEM_LENGTH]


class LexiconLearner:
    """Counts which source stems and target words meet in the same beads, over many documents."""

    def __init__(self) -> None:
        self._stems: dict[str, int] = {}
        self._words: dict[str, int] = {}
        self._src: list[sparse.coo_matrix] = []
        self._tgt: list[sparse.coo_matrix] = []
        self._n_beads = 0

    @property
    def is_full(self) -> bool:
        """More beads would not teach more."""
        return self._n_beads >= MOST_BEADS

    def add(
        self,
        spans: NDArray[np.int64],
        src: Matrix,
        src_names: Sequence[str],
        tgt: Matrix,
        tgt_names: Sequence[str],
    ) -> None:
        """Count the beads of one document.

        Args:
            spans: `(n_beads, 4)`: first and last (exclusive) source sentence, first and last target sentence.
            src: `(n_src, len(src_names))` counts of source stems.
            src_names: the stems.
            tgt: `(n_tgt, len(tgt_names))` counts of target words.
            tgt_names: the words.
        """
        if not len(spans):
            return
        self._n_beads += len(spans)
        sides = ((self._src, self._stems, src, src_names, 0), (self._tgt, self._words, tgt, tgt_names, 2))
        for kept, numbers, matrix, names, column in sides:
            beads = _sums(spans[:, column], spans[:, column + 1], matrix.shape[0]) @ matrix
            columns = np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int64)
            beads = beads.tocoo()
            kept.append(
                sparse.coo_matrix(
                    (np.ones(beads.nnz, np.float32), (beads.row, columns[beads.col])),
                    shape=(beads.shape[0], len(numbers)),
                )
            )

    def lexicon(
        self, least_count: int = _LEAST_COUNT, least_dice: float = _LEAST_DICE, best: int = _BEST
    ) -> Lexicon:
        """Return the lexicon that the counts so far support.

        Args:
            least_count: beads that a stem and a word must share.
            least_dice: how exclusively they must do so, in (0, 1].
            best: words to keep of each stem.
        """
        if not self._n_beads:
            return {}
        src, tgt = (
            sparse.vstack(
                [sparse.coo_matrix((m.data, (m.row, m.col)), shape=(m.shape[0], len(names))) for m in kept],
                format="csr",
            )
            for kept, names in ((self._src, self._stems), (self._tgt, self._words))
        )
        for matrix in (src, tgt):
            matrix.sum_duplicates()
            matrix.data[:] = 1
        return _translations(src, list(self._stems), tgt, list(self._words), (least_count, least_dice, best))


def _sums(first: NDArray[np.int64], last: NDArray[np.int64], n: int) -> Matrix:
    """Return the matrix that sums rows `first:last` of another into one row each."""
    lengths = last - first
    starts = np.concatenate([[0], np.cumsum(lengths)])
    columns = np.arange(starts[-1]) - np.repeat(starts[:-1] - first, lengths)
    return sparse.csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=(len(first), n))


def _translations(
    src: Matrix, stems: Sequence[str], tgt: Matrix, words: Sequence[str], limits: tuple[int, float, int]
) -> Lexicon:
    least_count, least_dice, best = limits
    src_count = np.bincount(src.indices, minlength=len(stems))
    tgt_count = np.bincount(tgt.indices, minlength=len(words))
    most = max(10.0, min(_MOST_FREQUENT * src.shape[0], _MOST_OFTEN))
    src_use = np.flatnonzero((src_count >= least_count) & (src_count <= most))
    tgt_use = np.flatnonzero((tgt_count >= least_count) & (tgt_count <= most))
    src_by_stem, tgt = src[:, src_use].T.tocsr(), tgt[:, tgt_use]
    entries: dict[str, tuple[tuple[str, float], ...]] = {}
    for start in range(0, len(src_use), 2000):
        together = sparse.csr_matrix(src_by_stem[start : start + 2000] @ tgt)
        row = np.repeat(np.arange(together.shape[0]), np.diff(together.indptr)) + start
        column, count = together.indices, together.data
        dice = 2 * count / (src_count[src_use[row]] + tgt_count[tgt_use[column]])
        good = (count >= least_count) & (dice >= least_dice)
        row, column, count, dice = row[good], column[good], count[good], dice[good]
        weight = dice * count / (count + 1)
        order = np.lexsort((column, -weight, row))
        for k in order.tolist():
            name = stems[src_use[row[k]]]
            known = entries.get(name, ())
            if len(known) < best:
                entries[name] = (*known, (words[tgt_use[column[k]]], float(weight[k])))
    return entries


def joined(one: Lexicon, other: Lexicon) -> Lexicon:
    """Unite two lexica; a word that both know gets the greater weight."""
    if not one or not other:
        return one or other
    united = dict(one)
    for name, translations in other.items():
        weights = dict(united.get(name, ()))
        for word, weight in translations:
            weights[word] = max(weight, weights.get(word, 0.0))
        united[name] = tuple(weights.items())
    return united


@cache
def bundled_lexicon() -> Lexicon:
    """Load the Arabic-English lexicon that comes with the package (`tables/lexicon.ar-en.md` says whence)."""
    data = (resources.files("dragoman.corpora") / "tables" / "lexicon.ar-en.tsv.gz").read_bytes()
    entries = {}
    for line in gzip.decompress(data).decode("utf-8").split("\n"):
        if line and not line.startswith("#"):
            name, *fields = line.split("\t")
            pairs = (field.rsplit(":", 1) for field in fields)
            entries[name] = tuple((word, BUNDLED_WEIGHT * float(weight)) for word, weight in pairs)
    return entries


def lexicon_matrix(lexicon: Lexicon, stems: Sequence[str], words: Sequence[str]) -> Matrix:
    """Lay a lexicon out for stems and words: `(n_stems, n_words)` float32; other words are left out."""
    numbers = {word: number for number, word in enumerate(words)}
    cells = [
        (row, numbers[word], weight)
        for row, name in enumerate(stems)
        for word, weight in lexicon.get(name, ())
        if word in numbers
    ]
    rows, columns, weights = zip(*cells, strict=True) if cells else ((), (), ())
    return sparse.csr_matrix((np.array(weights, np.float32), (rows, columns)), shape=(len(stems), len(words)))


def add_translations(words: Matrix, stems: Matrix, lexicon: Matrix) -> Matrix:
    """Add to each sentence the target words that the lexicon knows for its stems and that it lacks.

    Args:
        words: `(n, n_words)` word weights of the sentences' hypotheses (all zero without MT).
        stems: `(n, n_stems)` counts of the sentences' stems.
        lexicon: `(n_stems, n_words)`.
    """
    known = (stems > 0).astype(np.float32) @ lexicon
    lacking = known - known.multiply(words > 0)
    return sparse.csr_matrix(words + lacking)
