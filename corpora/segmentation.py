r"""Sentence segmentation without loss: segments point into the text, segments and gaps rebuild it exactly.

A line is a boundary unless its paragraph is hard-wrapped (`paragraphs`). Inside a paragraph the marks decide
(`segment_rules`), and datelines of flattened news (`segment_datelines`). White space, invisible characters,
table rules and marks without a word stay in the gaps or go to a neighbour: no segment is blank or
punctuation only.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from dragoman.corpora.paragraphs import number_paragraphs, split_lines
from dragoman.corpora.segment_datelines import dateline_cuts
from dragoman.corpora.segment_rules import Rules, rules_for, split_block
from dragoman.units import Document, Role, Segment

_LINE_END = re.compile("[\n\r\x0b\x0c\x85\u2028\u2029]")
_WORDS = re.compile("[^\\W_]|[\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff\u2100-\u214f]")
_EDGE = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\u200b\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_TABLE_ROW = re.compile(r"\|(?:[^|\n]*\|){2,}")
_ARABIC_LETTER = re.compile("[\u0620-\u064a\u0671-\u06d3\ufb50-\ufdff\ufe70-\ufefc]")


class _Block(NamedTuple):
    """A paragraph: `text[start:end]`, white space trimmed."""

    start: int
    end: int
    role: Role
    paragraph: int


def segment(text: str | Document, *, lang: str | None = None) -> list[Segment]:
    r"""Split a text into sentences, titles and list items.

    Args:
        text: a document as read, whose lines give roles and paragraphs (boilerplate is segmented as well:
            filter by role), or any string, whose line ends are boundaries unless it is hard-wrapped.
        lang: BCP 47 code; None takes the document's, for a string "ar" or "en" by its letters. Languages
            without word tables get the general rules.

    Returns:
        Segments in order, without overlap, offsets in code points; all that lies between them is white
        space, invisible characters or marks without a word.

    >>> [part.text for part in segment("وصل د. سامي عام 2022.وبدأ العمل! ثم عاد.")]
    ['وصل د. سامي عام 2022.', 'وبدأ العمل!', 'ثم عاد.']
    """
    content = text.text if isinstance(text, Document) else text
    if lang is None:
        lang = text.lang if isinstance(text, Document) else _guess_lang(content)
    rules = rules_for(lang)
    blocks = _document_blocks(text) if isinstance(text, Document) else _text_blocks(text)
    return [
        Segment(start, end, content[start:end], block.role, block.paragraph)
        for block in blocks
        for start, end in _split(content, block.start, block.end, rules)
    ]


def split(text: str, lang: str | None = None) -> list[str]:
    """Return the sentences of a string, each on one line."""
    return [" ".join(part.text.split()) for part in segment(text, lang=lang)]


def _guess_lang(text: str) -> str:
    """Return "ar" when there is an Arabic letter near the beginning, else "en"."""
    return "ar" if _ARABIC_LETTER.search(text, 0, 2000) else "en"


def _document_blocks(document: Document) -> Iterator[_Block]:
    """Yield a document's paragraphs; lines of one paragraph that follow each other are joined."""
    last: _Block | None = None
    for line in document.lines:
        if last is not None and last.paragraph == line.paragraph:
            last = last._replace(end=line.end)
            continue
        if last is not None:
            yield last
        last = _Block(line.start, line.end, line.role, line.paragraph)
    if last is not None:
        yield last


def _text_blocks(text: str) -> Iterator[_Block]:
    """Yield a string's paragraphs: its lines, or several where it is hard-wrapped."""
    plain = _LINE_END.sub("\n", text)  # same length: offsets hold
    lines = split_lines(plain)
    last: _Block | None = None
    for line, number in zip(lines, number_paragraphs(plain, lines), strict=True):
        if last is not None and last.paragraph == number:
            last = last._replace(end=line.end)
            continue
        if last is not None:
            yield last
        last = _Block(line.start, line.end, Role.BODY, number)
    if last is not None:
        yield last


def _split(text: str, start: int, end: int, rules: Rules) -> list[tuple[int, int]]:
    """Return the segments of a paragraph as offsets."""
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    if text[start : start + 1] == "|" and _TABLE_ROW.fullmatch(text, start, end):
        return _split_row(text, start, end)
    cuts = [start, *dateline_cuts(text, start, end), end]
    sentences: list[tuple[int, int]] = []
    for first, last in pairwise(cuts):
        while last > first and text[last - 1].isspace():
            last -= 1
        sentences += split_block(text, first, last, rules)
    return _without_bare_marks(text, sentences)


def _split_row(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the cells of a Markdown table row that hold words."""
    cells, first = [], start
    for cell in text[start:end].split("|"):
        stripped = cell.strip()
        if _WORDS.search(stripped):
            begin = first + len(cell) - len(cell.lstrip())
            cells.append((begin, begin + len(stripped)))
        first += len(cell) + 1
    return cells


def _without_bare_marks(text: str, sentences: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join pieces without a word to the sentence before, at the beginning to the one after."""
    kept: list[tuple[int, int]] = []
    pending: int | None = None
    for start, end in sentences:
        if text[start].isalnum() or _WORDS.search(text, start, end):
            kept.append((start if pending is None else pending, end))
            pending = None
        elif kept:
            kept[-1] = (kept[-1][0], end)
        elif pending is None:
            pending = start
    return kept
