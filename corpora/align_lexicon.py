"""A translation lexicon learned from the documents themselves, for the next alignment pass.

Source stems and target words that meet in the same beads more often than either elsewhere are taken for
translations of each other (Dice coefficient; Melamed 2000, Models of translational equivalence among words, has
better models for more text than a few documents offer). It is pooled over all documents of a job.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from scipy import sparse

from dragoman.corpora.align_features import Vocabulary, counts

Lexicon = Mapping[str, tuple[tuple[str, float], ...]]
"""Source stem → its best target words with weights in (0, 1)."""

_LEAST_COUNT = 2
_LEAST_DICE = 0.35
_BEST = 3
_MOST_FREQUENT = 0.1  # stems and words in more than this part of all beads say nothing
_MOST_BEADS = 50_000
_STEM_LENGTH = 6

# Arabic proclitics before the stem, longest first: wa-/fa- + bi-/ka-/li- + the article.
_PROCLITICS = (
    "\u0648\u0628\u0627\u0644", "\u0648\u0643\u0627\u0644", "\u0641\u0628\u0627\u0644", "\u0648\u0644\u0644",
    "\u0648\u0627\u0644", "\u0628\u0627\u0644", "\u0643\u0627\u0644", "\u0641\u0627\u0644", "\u0644\u0644",
    "\u0627\u0644",
)  # fmt: skip


def stem(word: str) -> str:
    """Cut a word to what its inflected forms share: an Arabic word loses its article, all are cut to six letters."""
    if "\u0600" <= word[0] <= "\u06ff":
        for proclitic in _PROCLITICS:
            if word.startswith(proclitic) and len(word) - len(proclitic) >= 3:
                word = word[len(proclitic) :]
                break
    return word[:_STEM_LENGTH]


def learn_lexicon(
    beads: Iterable[tuple[Sequence[str], Sequence[str]]],
) -> dict[str, tuple[tuple[str, float], ...]]:
    """Learn a lexicon from beads.

    Args:
        beads: (source stems, target words) of each bead; consumed once, the first 50,000 are enough.
    """
    stems, targets = Vocabulary(), Vocabulary()
    src_rows: list[Sequence[str]] = []
    tgt_rows: list[Sequence[str]] = []
    for src, tgt in beads:
        src_rows.append(sorted(set(src)))
        tgt_rows.append(sorted(set(tgt)))
        if len(src_rows) >= _MOST_BEADS:
            break
    if not src_rows:
        return {}
    src_numbers, tgt_numbers = stems.rows(src_rows), targets.rows(tgt_rows)
    src = counts(*src_numbers, len(stems)).tocsc()
    tgt = counts(*tgt_numbers, len(targets))
    src_count = np.diff(src.indptr)
    tgt_count = np.bincount(tgt.indices, minlength=len(targets))
    most = max(10.0, _MOST_FREQUENT * len(src_rows))
    src_use = np.flatnonzero((src_count >= _LEAST_COUNT) & (src_count <= most))
    tgt_use = np.flatnonzero((tgt_count >= _LEAST_COUNT) & (tgt_count <= most))
    stem_names, target_names = list(stems.numbers), list(targets.numbers)
    tgt = tgt[:, tgt_use]
    entries: dict[str, tuple[tuple[str, float], ...]] = {}
    for start in range(0, len(src_use), 2000):
        part = src_use[start : start + 2000]
        together = sparse.csr_matrix(src[:, part].T @ tgt)
        for row, number in enumerate(part):
            span = slice(together.indptr[row], together.indptr[row + 1])
            count = together.data[span]
            columns = together.indices[span]
            dice = 2 * count / (src_count[number] + tgt_count[tgt_use[columns]])
            good = np.flatnonzero((count >= _LEAST_COUNT) & (dice >= _LEAST_DICE))
            if not len(good):
                continue
            weights = dice[good] * count[good] / (count[good] + 1)
            order = np.lexsort((columns[good], -weights))[:_BEST]
            entries[stem_names[number]] = tuple(
                (target_names[tgt_use[columns[good[k]]]], float(weights[k])) for k in order
            )
    return entries


def lexicon_matrix(lexicon: Lexicon, stems: Vocabulary, targets: Vocabulary) -> sparse.csr_matrix:
    """Lay a lexicon out for two vocabularies: `(n_stems, n_words)` float32; words that are not met are left out."""
    rows: list[int] = []
    columns: list[int] = []
    weights: list[float] = []
    for name, number in stems.numbers.items():
        for word, weight in lexicon.get(name, ()):
            column = targets.numbers.get(word)
            if column is not None:
                rows.append(number)
                columns.append(column)
                weights.append(weight)
    return sparse.csr_matrix(
        (np.array(weights, np.float32), (rows, columns)), shape=(len(stems), len(targets))
    )


def add_translations(
    words: sparse.csr_matrix, stems: sparse.csr_matrix, lexicon: sparse.csr_matrix
) -> sparse.csr_matrix:
    """Add to each sentence the target words that the lexicon knows for its stems and that it lacks.

    Args:
        words: `(n, n_words)` word weights of the sentences' hypotheses (all zero without MT).
        stems: `(n, n_stems)` counts of the sentences' stems.
        lexicon: `(n_stems, n_words)`.
    """
    known = (stems > 0).astype(np.float32) @ lexicon
    lacking = known - known.multiply(words > 0)
    return sparse.csr_matrix(words + lacking)


def bead_words(
    spans: Iterable[tuple[range, range]], src: Sequence[Sequence[str]], tgt: Sequence[Sequence[str]]
) -> Iterator[tuple[list[str], list[str]]]:
    """Gather the words of each bead that has both sides."""
    for src_span, tgt_span in spans:
        if src_span and tgt_span:
            yield [w for i in src_span for w in src[i]], [w for j in tgt_span for w in tgt[j]]
