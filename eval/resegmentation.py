"""Cut a hypothesis to the segments of its references by minimum word error rate.

Matusov, Leusch, Bender & Ney (2005), Evaluating Machine Translation Output with Automatic Sentence
Segmentation (IWSLT): the words of the whole hypothesis are aligned with the words of the reference segments
by Levenshtein distance, and the hypothesis is cut where the alignment crosses a segment boundary. With
several references the cheapest one is taken segment by segment, as in the paper.

Departures from the paper: a word that differs only in case or in the punctuation around it costs a quarter
of a substitution, so that ties are broken by near matches; and of equally cheap cuts the one is taken that
leaves sentence-final punctuation at the end of a segment. Distances are kept row by row, together with the
place where the running segment began, so that memory grows with segments × words and not with words ×
words.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dragoman.errors import InputError

_EDIT = 8  # cost of an insertion, deletion or substitution
_NEAR = 2  # of a substitution by the same letters with other case or punctuation
_UNFINISHED = 1  # of a cut after a word that ends no sentence
_SHIFT = 32  # a state is cost << 32 | place where the segment began
_MAX_CELLS = 5_000_000_000  # words × words: about a minute

_WRAPPING = re.compile(r"^\W+|\W+$")
_FINAL = re.compile(r"""[.!?…:;][)"'”’»\]]*$""")

_Row = npt.NDArray[np.int64]


def resegment(hypothesis: str | Sequence[str], references: Sequence[Sequence[str]]) -> list[str]:
    """Cut the hypothesis into as many segments as each reference has.

    Args:
        hypothesis: the text of one document, whole or in any segmentation.
        references: one or more references of the document, all in the same segmentation.

    Returns:
        The hypothesis' words, all of them and in order, joined by single spaces, a string a segment.

    Raises:
        InputError: the references differ in their number of segments, or the document is too long for an
            exact alignment (give document ids to cut it into documents).

    >>> resegment("A cat sat. It slept then. I left.", [["The cat sat.", "It then slept. I left."]])
    ['A cat sat.', 'It slept then. I left.']
    """
    text = hypothesis if isinstance(hypothesis, str) else " ".join(hypothesis)
    words = text.split()
    n_segments = len(references[0])
    if any(len(reference) != n_segments for reference in references):
        raise InputError(
            "re-segmentation needs references in one segmentation, got "
            f"{[len(r) for r in references]} segments"
        )
    cells = len(words) * max(sum(len(segment.split()) for segment in reference) for reference in references)
    if cells > _MAX_CELLS:
        raise InputError(
            f"a document of {len(words)} words is too long to be re-segmented at once: "
            "give document ids (doc_id)"
        )
    cuts = _cuts(words, references)
    return [" ".join(words[start:end]) for start, end in pairwise(cuts)]


def _cuts(words: Sequence[str], references: Sequence[Sequence[str]]) -> list[int]:
    """Places of the cuts in the hypothesis' words: `n_segments + 1` indices, not decreasing.

    A state holds, for each place j of the hypothesis, the distance less j insertions: so an insertion is a
    running minimum, and a row costs three passes over an array and a few matches.
    """
    exact, core = _places_of(words), _places_of([_core(word) for word in words])
    n_segments, places = len(references[0]), np.arange(len(words) + 1, dtype=np.int64)
    unfinished = np.array([0, *(0 if _FINAL.search(word) else _UNFINISHED for word in words)], dtype=np.int64)
    inserted = places * _EDIT
    state: _Row = np.zeros_like(places)  # words before the first segment are insertions into it
    starts = np.zeros((n_segments, len(places)), dtype=np.int32)
    for number in range(n_segments):
        best: _Row | None = None
        for reference in references:
            row = state
            for word in reference[number].split():
                row = _next_row(row, exact.get(word), core.get(_core(word)))
            best = row if best is None else np.minimum(best, row)
        assert best is not None
        starts[number] = best & ((1 << _SHIFT) - 1)
        distance = (best >> _SHIFT) + inserted
        # The next segment starts here, whatever the last one's start was.
        state = np.minimum.accumulate(((distance + unfinished - inserted) << _SHIFT) | places)
    cuts = [len(words)]
    for number in range(n_segments - 1, 0, -1):
        cuts.append(int(starts[number, cuts[-1]]))
    return [0, *reversed(cuts)]


def _next_row(row: _Row, exact: _Row | None, core: _Row | None) -> _Row:
    """Read one more reference word: the Levenshtein recurrence for all hypothesis places at once.

    Args:
        row: the state before the word.
        exact: places of the same word in the hypothesis.
        core: places of words that differ from it in case and punctuation at most.
    """
    edit = np.int64(_EDIT << _SHIFT)
    following = row + edit  # the reference word is left out
    np.minimum(following[1:], row[:-1], out=following[1:])  # substituted
    for matches, cost in ((core, _NEAR), (exact, 0)):
        if matches is not None:
            following[matches + 1] = np.minimum(
                following[matches + 1], row[matches] + (cost << _SHIFT) - edit
            )
    return np.asarray(np.minimum.accumulate(following), dtype=np.int64)


def _places_of(words: Sequence[str]) -> dict[str, _Row]:
    """Where each word stands."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(word, []).append(place)
    return {word: np.array(found, dtype=np.int64) for word, found in places.items()}


def _core(word: str) -> str:
    return _WRAPPING.sub("", word).casefold() or word
