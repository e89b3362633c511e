"""What the articles of a batch job have in common: lines that several of them hold, found when it is planned.

Articles are plain texts and rows of JSONL, of which running text is wanted; documents of other formats are
translated whole, in their own kind. The survey reads each article once more than the work does, but neither
cleans nor segments it.
"""

from collections.abc import Iterable
from pathlib import Path

from dragoman.corpora.decoding import decode
from dragoman.corpora.formats.registry import SUFFIXES
from dragoman.corpora.repetition import LineSurvey, line_key
from dragoman.errors import DragomanError
from dragoman.translate.inputs import load
from dragoman.translate.ledger import Shard


def repeated_lines(shards: Iterable[Shard]) -> frozenset[int]:
    """Return the keys of the lines that several articles of a job hold; consumes the shards."""
    survey = LineSurvey()
    for shard in shards:
        for source in shard.sources:
            try:
                survey.add(_lines(*load(source)))
            except DragomanError:
                continue  # it becomes an error row when its turn comes
    return survey.repeated()


def hits(contents: Iterable[tuple[str | bytes, str]], repeated: frozenset[int]) -> list[int]:
    """Return which of the repeated lines stand in a shard's articles, in order."""
    if not repeated:
        return []
    found: set[int] = set()
    for content, name in contents:
        try:
            found |= repeated.intersection(map(line_key, _lines(content, name)))
        except DragomanError:
            continue
    return sorted(found)


def _lines(content: str | bytes, name: str) -> list[str]:
    """Return an article's lines; none of a document of another format."""
    if isinstance(content, bytes):
        if SUFFIXES.get(Path(name).suffix.lower(), "plain") != "plain":
            return []
        content = decode(content, name=name).text
    return content.split("\n")
