"""Sentence alignment: which sentences of two texts translate each other.

`align` takes two lists of sentences and, where there are any, machine translations of the source or sentence
embeddings; it returns beads that hold every sentence of both sides exactly once. The method, in order:

1. Without MT and embeddings, a first pass by sentence lengths (Gale and Church 1993).
2. Sentences become idf-weighted words, prefixes, character n-grams and word pairs (`align_features`);
   blocks of them are compared by cosine (`align_similarity`).
3. Dynamic programming over bead types up to 1-8, 2-7, 3-6, 4-3 and 5-3 (in texts of more than 20,000
   sentences: of six sentences at most), with affine gaps for runs of sentences that have no counterpart,
   and the probability of each bead among all alignments (`align_search`); long texts in a band around
   anchors (`align_anchors`).
4. A lexicon learned from the first alignment (`align_lexicon`), pooled over the documents of a job, and a
   second pass with it.
5. Where a translation model can be asked (`score_pairs`), beads in doubt are decided again
   (`align_rescored`).

Nothing here knows a language, loads a model or touches a network.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from dragoman.errors import MismatchError
from dragoman.units import Bead

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embeddings = tuple[NDArray[np.floating], NDArray[np.floating]]

Hypotheses = Sequence[str] | Sequence[Sequence[str]]
Lexicon = Mapping[str, tuple[tuple[str, float], ...]]
"""Source stem → target words with weights."""
PairScorer = Callable[[Sequence[tuple[str, str]]], Sequence[float]]
"""Pairs of a source and a target text → the mean log-probability (natural) of each target's tokens."""


@dataclass(frozen=True, slots=True)
class DocumentPair:
    """Two texts to align, and what is known about them.

    Attributes:
        src: source sentences.
        tgt: target sentences.
        mt: a translation of each source sentence into the target language, or several of each.
        mt_reverse: a translation of each target sentence into the source language, or several of each.
        embeddings: arrays `(n_src, d)` and `(n_tgt, d)` whose rows are comparable by cosine.
        src_paragraphs: paragraph of each source sentence, any numbers that change where a paragraph begins;
            beads avoid to reach over such a place.
        tgt_paragraphs: paragraph of each target sentence.
        score_pairs: how probable a model finds a target text as the translation of a source text; asked where
            the rest leaves in doubt which sentences belong together.
        name: for messages.
    """

    src: Sequence[str]
    tgt: Sequence[str]
    mt: Hypotheses | None = None
    mt_reverse: Hypotheses | None = None
    embeddings: "Embeddings | None" = None
    src_paragraphs: Sequence[int] | None = None
    tgt_paragraphs: Sequence[int] | None = None
    score_pairs: PairScorer | None = None
    name: str = ""

    def __post_init__(self) -> None:
        sides: list[tuple[str, Sized | None, Sized]] = [
            ("mt", self.mt, self.src),
            ("mt_reverse", self.mt_reverse, self.tgt),
            ("src_paragraphs", self.src_paragraphs, self.src),
            ("tgt_paragraphs", self.tgt_paragraphs, self.tgt),
        ]
        if self.embeddings is not None:
            sides += [
                ("embeddings[0]", self.embeddings[0], self.src),
                ("embeddings[1]", self.embeddings[1], self.tgt),
            ]
        for what, given, sentences in sides:
            if given is not None and len(given) != len(sentences):
                where = f"{self.name}: " if self.name else ""
                raise MismatchError(f"{where}{what} has {len(given)} rows for {len(sentences)} sentences")

    def part(self, src: range, tgt: range) -> "DocumentPair":
        """Cut a part out of both sides, with all that is known about it."""
        here, there = slice(src.start, src.stop), slice(tgt.start, tgt.stop)
        return DocumentPair(
            self.src[here],
            self.tgt[there],
            None if self.mt is None else self.mt[here],
            None if self.mt_reverse is None else self.mt_reverse[there],
            None if self.embeddings is None else (self.embeddings[0][here], self.embeddings[1][there]),
            None if self.src_paragraphs is None else self.src_paragraphs[here],
            None if self.tgt_paragraphs is None else self.tgt_paragraphs[there],
            self.score_pairs,
            self.name,
        )


def align(
    src: Sequence[str],
    tgt: Sequence[str],
    *,
    mt: Hypotheses | None = None,
    mt_reverse: Hypotheses | None = None,
    embeddings: "Embeddings | None" = None,
    anchors: Sequence[tuple[int, int]] = (),
    src_paragraphs: Sequence[int] | None = None,
    tgt_paragraphs: Sequence[int] | None = None,
    score_pairs: PairScorer | None = None,
    lexicon: Lexicon | None = None,
) -> list[Bead]:
    """Align the sentences of two texts.

    Args:
        src: source sentences, in order.
        tgt: target sentences, in order.
        mt: a translation of each source sentence into the target language, or several of each.
        mt_reverse: a translation of each target sentence into the source language, or several of each.
        embeddings: arrays `(n_src, d)` and `(n_tgt, d)` whose rows are comparable by cosine.
        anchors: fixed points (i, j), rising: what stands before source sentence i is aligned with what stands
            before target sentence j, the rest with the rest (chapters, headings).
        src_paragraphs: paragraph of each source sentence; beads avoid to reach from one into the next.
        tgt_paragraphs: paragraph of each target sentence.
        score_pairs: see `DocumentPair`; `dragoman.translate.likelihood` makes one of a model.
        lexicon: source stems (`align_lexicon.stem`) with target words and weights; None for the bundled one
            between Arabic and English and none elsewhere. A lexicon of the texts themselves is added to it.

    Returns:
        Beads in the order of the source that hold every sentence of both sides exactly once; a sentence
        without a counterpart is a bead of its own with one side empty.

    Raises:
        MismatchError: `mt`, `mt_reverse`, `embeddings` or paragraphs do not have a row for each sentence.
        ValueError: anchors fall, or lie outside the texts.

    >>> beads = align(["A.", "B."], ["A.", "B."])
    >>> [(bead.src, bead.tgt) for bead in beads]
    [(range(0, 1), range(0, 1)), (range(1, 2), range(1, 2))]
    """
    whole = DocumentPair(src, tgt, mt, mt_reverse, embeddings, src_paragraphs, tgt_paragraphs, score_pairs)
    corners = [(0, 0), *anchors, (len(src), len(tgt))]
    steps = list(pairwise(corners))
    if any(a[0] > b[0] or a[1] > b[1] for a, b in steps):
        raise ValueError(f"anchors must rise on both sides and lie within {corners[-1]}: {list(anchors)}")
    parts = [whole.part(range(a[0], b[0]), range(a[1], b[1])) for a, b in steps]
    aligned = align_corpus(parts, pool_sentences=len(src) + 1, lexicon=lexicon)
    return [
        replace(
            bead,
            src=range(bead.src.start + i, bead.src.stop + i),
            tgt=range(bead.tgt.start + j, bead.tgt.stop + j),
        )
        if i or j
        else bead
        for ((i, j), _), beads in zip(steps, aligned, strict=True)
        for bead in beads
    ]


def align_corpus(
    documents: Iterable[DocumentPair], *, pool_sentences: int = 50_000, lexicon: Lexicon | None = None
) -> Iterator[list[Bead]]:
    """Align many document pairs, with one lexicon learned from all of them.

    Documents are taken in groups of `pool_sentences` source sentences; memory stays bounded by a group.

    Args:
        documents: consumed once.
        pool_sentences: how much text to learn a lexicon from.
        lexicon: see `align`.

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
            yield from align_group(group, lexicon)
            group, size = [], 0
    if group:
        yield from align_group(group, lexicon)
