"""Furniture that gives itself away in company: lines that several documents of one job share.

A site's newsletter box is prose by its looks, but it stands under every article. A line that most documents
of a group hold is no part of any article; copies of one article are not counted as company for each other.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from dragoman.corpora.phrases import phrase_key
from dragoman.units import Document, Line, Role

_MINIMUM_DOCUMENTS = 3  # two documents may quote the same sentence
_SAME_ARTICLE = 0.5  # documents that share half of their lines are versions of one article


def set_apart_repeated(documents: Sequence[Document], *, minimum: int = _MINIMUM_DOCUMENTS) -> list[Document]:
    """Return the documents with lines that repeat across them set apart as boilerplate, in order.

    Args:
        documents: the documents of one job.
        minimum: in how many different articles a line must stand.
    """
    keys = [
        [phrase_key(document.text[line.start : line.end]) for line in document.lines]
        for document in documents
    ]
    counts = Counter(key for index in _different(keys) for key in set(keys[index]) if key)
    repeated = {key: count for key, count in counts.items() if count >= minimum}
    return [
        replace(
            document,
            lines=tuple(
                _judge(line, repeated.get(key, 0)) for line, key in zip(document.lines, own, strict=True)
            ),
        )
        for document, own in zip(documents, keys, strict=True)
    ]


def _judge(line: Line, count: int) -> Line:
    if not count or line.role is Role.BOILERPLATE:
        return line
    return replace(line, role=Role.BOILERPLATE, reason=f"stands in {count:,} articles of this job")


def _different(keys: Sequence[Sequence[str]]) -> list[int]:
    """Return the documents that are different articles: the first of each group that shares most lines."""
    holders: dict[str, int] = {}
    kept = []
    for index, own in enumerate(keys):
        distinct = {key for key in own if key}
        # Most of an article's lines being in one earlier article makes it a version of that.
        owners = Counter(holders[key] for key in distinct if key in holders)
        if owners and owners.most_common(1)[0][1] >= _SAME_ARTICLE * len(distinct) and len(distinct) > 1:
            continue
        kept.append(index)
        for key in distinct:
            holders.setdefault(key, index)
    return kept
