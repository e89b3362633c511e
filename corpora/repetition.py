"""Furniture that gives itself away in company: lines that several documents of one job share.

A site's newsletter box is prose by its looks, but it stands under every article. A line that several
articles hold is no part of any; versions of one article are not counted as company for each other. Short
lines are left alone, because people answer "yes" in many texts, and so is a document most of whose text is
shared: it is made of it.
"""

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from dragoman.corpora.phrases import phrase_key
from dragoman.units import Document, Line, Role

_MINIMUM_DOCUMENTS = 3  # two documents may quote the same sentence
_MINIMUM_WORDS = 6  # shorter furniture is known by its phrases
_SAME_ARTICLE = 0.5  # documents that share half of their lines are versions of one article
_MOST_SHARED = 0.5  # of a document's text that is set apart at most
_REASON = "stands in several articles of this job"


def line_key(text: str) -> int:
    """Return a number for what a line says, the same for all its spellings; 0 for a line without words.

    It is 64 bits of a hash: among a million lines no two are expected to share one.
    """
    key = phrase_key(text)
    if not key:
        return 0
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest()) or 1


class LineSurvey:
    """Counts in how many articles each line stands, with some bytes a line."""

    def __init__(self) -> None:
        self._keys = array("Q")
        self._lengths = array("L")

    def add(self, lines: Iterable[str]) -> None:
        """Take in the lines of a document."""
        keys = {line_key(line) for line in lines} - {0}
        self._keys.extend(sorted(keys))
        self._lengths.append(len(keys))

    def repeated(self, *, minimum: int = _MINIMUM_DOCUMENTS) -> frozenset[int]:
        """Return the keys of the lines that stand in so many different articles at least."""
        if not self._keys:
            return frozenset()
        keys, counts = np.unique(np.frombuffer(self._keys, np.uint64), return_counts=True)
        candidates = frozenset(keys[counts >= minimum].tolist())
        if not candidates:
            return candidates
        shared = frozenset(keys[counts > 1].tolist())
        found = Counter(key for own in self._different(shared) for key in own if key in candidates)
        return frozenset(key for key, count in found.items() if count >= minimum)

    def _different(self, shared: frozenset[int]) -> Iterator[Sequence[int]]:
        """Yield the keys of different articles: the first of each group that shares most lines."""
        holders: dict[int, int] = {}
        start = 0
        for index, length in enumerate(self._lengths):
            own = [key for key in self._keys[start : start + length] if key in shared]
            start += length
            # Most of an article's lines being in one earlier article makes it a version of that.
            owners = Counter(holders[key] for key in own if key in holders)
            if length > 1 and owners and owners.most_common(1)[0][1] >= _SAME_ARTICLE * length:
                continue
            yield own
            for key in own:
                holders.setdefault(key, index)


def set_apart_repeated(documents: Sequence[Document], *, minimum: int = _MINIMUM_DOCUMENTS) -> list[Document]:
    """Return the documents with lines that repeat across them set apart as boilerplate, in order.

    Args:
        documents: the documents of one job.
        minimum: in how many different articles a line must stand.
    """
    survey = LineSurvey()
    for document in documents:
        survey.add(_texts(document))
    repeated = survey.repeated(minimum=minimum)
    return [set_apart(document, repeated) for document in documents]


def set_apart(document: Document, repeated: frozenset[int]) -> Document:
    """Return the document with these lines set apart as boilerplate, unless they are most of it.

    Args:
        document: as read.
        repeated: keys of lines that other articles hold as well.
    """
    if not repeated:
        return document
    article = [line for line in document.lines if line.role is not Role.BOILERPLATE]
    found = [line for line in article if _is_furniture(document.text[line.start : line.end], repeated)]
    if not found or _n_chars(found) > _MOST_SHARED * _n_chars(article):
        return document
    starts = {line.start for line in found}
    return replace(document, lines=tuple(_judge(line, line.start in starts) for line in document.lines))


def _n_chars(lines: Iterable[Line]) -> int:
    return sum(line.end - line.start for line in lines)


def _is_furniture(text: str, repeated: frozenset[int]) -> bool:
    return len(text.split()) >= _MINIMUM_WORDS and line_key(text) in repeated


def _judge(line: Line, is_furniture: bool) -> Line:
    return replace(line, role=Role.BOILERPLATE, reason=_REASON) if is_furniture else line


def _texts(document: Document) -> Iterator[str]:
    return (document.text[line.start : line.end] for line in document.lines)
