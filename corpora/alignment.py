"""Sentence alignment: which sentences of two texts translate each other.

`align` takes two lists of sentences and, where there are any, machine translations of the source or sentence
embeddings; it returns beads that hold every sentence of both sides exactly once. The method, in order:

1. Without MT and embeddings, a first pass by sentence lengths (Gale and Church 1993).
2. Sentences become idf-weighted words, prefixes, character n-grams and word pairs (`align_features`); blocks of
   them are compared by cosine (`align_similarity`).
3. Dynamic programming over bead types up to 5-8, with affine gaps for runs of sentences that have no counterpart,
   and the probability of each bead among all alignments (`align_search`); long texts in a band around anchors
   (`align_anchors`).
4. A lexicon learned from the first alignment (`align_lexicon`), pooled over the documents of a job, and a second
   pass with it.

Nothing here knows a language, loads a model or touches a network.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dragoman.errors import MismatchError
from dragoman.units import Bead

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embeddings = tuple[NDArray[np.floating], NDArray[np.floating]]

Hypotheses = Sequence[str] | Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class DocumentPair:
    """Two texts to align, and what is known about them.

    Attributes:
        src: source sentences.
        tgt: target sentences.
        mt: a translation of each source sentence into the target language, or several of each.
        mt_reverse: a translation of each target sentence into the source language, or several of each.
        embeddings: arrays `(n_src, d)` and `(n_tgt, d)` whose rows are comparable by cosine.
        name: for messages.
    """

    src: Sequence[str]
    tgt: Sequence[str]
    mt: Hypotheses | None = None
    mt_reverse: Hypotheses | None = None
    embeddings: "Embeddings | None" = None
    name: str = ""

    def __post_init__(self) -> None:
        sides = [("mt", self.mt, self.src), ("mt_reverse", self.mt_reverse, self.tgt)]
        if self.embeddings is not None:
            sides += [
                ("embeddings[0]", self.embeddings[0], self.src),  # type: ignore[list-item]  # only its length is used
                ("embeddings[1]", self.embeddings[1], self.tgt),  # type: ignore[list-item]  # likewise
            ]
        for what, given, sentences in sides:
            if given is not None and len(given) != len(sentences):
                where = f"{self.name}: " if self.name else ""
                raise MismatchError(f"{where}{what} has {len(given)} rows for {len(sentences)} sentences")


def align(
    src: Sequence[str],
    tgt: Sequence[str],
    *,
    mt: Hypotheses | None = None,
    mt_reverse: Hypotheses | None = None,
    embeddings: "Embeddings | None" = None,
) -> list[Bead]:
    """Align the sentences of two texts.

    Args:
        src: source sentences, in order.
        tgt: target sentences, in order.
        mt: a translation of each source sentence into the target language, or several of each.
        mt_reverse: a translation of each target sentence into the source language, or several of each.
        embeddings: arrays `(n_src, d)` and `(n_tgt, d)` whose rows are comparable by cosine.

    Returns:
        Beads in the order of the source that hold every sentence of both sides exactly once; a sentence without
        a counterpart is a bead of its own with one side empty.

    Raises:
        MismatchError: `mt`, `mt_reverse` or `embeddings` do not have a row for each sentence.

    >>> beads = align(["A.", "B."], ["A.", "B."])
    >>> [(bead.src, bead.tgt) for bead in beads]
    [(range(0, 1), range(0, 1)), (range(1, 2), range(1, 2))]
    """
    document = DocumentPair(src, tgt, mt, mt_reverse, embeddings)
    return next(align_corpus([document]))


def align_corpus(documents: Iterable[DocumentPair], *, pool_sentences: int = 50_000) -> Iterator[list[Bead]]:
    """Align many document pairs, with one lexicon learned from all of them.

    Documents are taken in groups of `pool_sentences` source sentences; memory stays bounded by a group.

    Args:
        documents: consumed once.
        pool_sentences: how much text to learn a lexicon from.

    Yields:
        The beads of each document, in the documents' order.
    """
    from dragoman.corpora.align_passes import align_group

    group: list[DocumentPair] = []
    size = 0
    for document in documents:
        group.append(document)
        size += len(document.src)
        if size >= pool_sentences:
            yield from align_group(group)
            group, size = [], 0
    if group:
        yield from align_group(group)
