r"""Sentence segmentation without loss: segments point into the text, segments and gaps rebuild it exactly.

A line is a boundary unless its paragraph is hard-wrapped (`paragraphs`). Inside a paragraph the marks decide
(`segment_rules`), and datelines of flattened news (`segment_datelines`). White space, invisible characters,
table rules and marks without a word stay in the gaps or go to a neighbour: no segment is blank or
punctuation only.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from dragoman.corpora.paragraphs import number_paragraphs, split_lines
from dragoman.corpora.segment_datelines import dateline_cuts
from dragoman.corpora.segment_rules import Rules, rules_for, split_block
from dragoman.units import Document, Role, Segment

_LINE_ENDS = "\r\x0b\x0c\x85\u2028\u2029"
_WORDS = re.compile("[^\\W_]|[\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff\u2100-\u214f]")
_EDGE = frozenset(
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
) | frozenset(map(chr, range(0x2000, 0x200B)))
_ENDED = frozenset(".!?\u061f\u2026\u06d4:")
_FLATTENED = 80  # characters; a headline, a dateline and a sentence in one are longer
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
    blocks: Iterable[_Block]
    if isinstance(text, Document):
        blocks = _join_paragraphs(
            _Block(line.start, line.end, line.role, line.paragraph) for line in text.lines
        )
    else:
        blocks = _text_blocks(text)
    return [
        Segment(start, end, content[start:end], role, paragraph)
        for first, last, role, paragraph in blocks
        for start, end in _split(content, first, last, rules)
    ]


def segment_lines(lines: Iterable[str], *, lang: str = "ar") -> Iterator[Segment]:
    """Split a stream of text, a paragraph a line, in memory that does not grow: for corpora.

    Args:
        lines: lines with or without their line end, as iterating over a file gives them; consumed.
        lang: BCP 47 code.

    Yields:
        Segments with offsets into the whole stream; `paragraph` counts the lines, blank ones included.
    """
    rules = rules_for(lang)
    offset = 0
    for number, line in enumerate(lines):
        if line and not line.isspace():
            for start, end in _split(line, 0, len(line), rules):
                yield Segment(offset + start, offset + end, line[start:end], Role.BODY, number)
        offset += len(line)


def split(text: str, lang: str | None = None) -> list[str]:
    """Return the sentences of a string, each on one line."""
    return [" ".join(part.text.split()) for part in segment(text, lang=lang)]


def _guess_lang(text: str) -> str:
    """Return "ar" when there is an Arabic letter near the beginning, else "en"."""
    return "ar" if _ARABIC_LETTER.search(text, 0, 2000) else "en"


def _text_blocks(text: str) -> Iterable[_Block]:
    """Return a string's paragraphs: its lines, or several where it is hard-wrapped."""
    plain = text
    for char in _LINE_ENDS:
        plain = plain.replace(char, "\n")  # of the same length: offsets hold
    rows = plain.split("\n")
    n_lines, n_ended, n_groups, after_blank = 0, 0, 0, True
    for row in rows:
        if row and not row.isspace():
            n_lines += 1
            n_ended += row[-1] in _ENDED
            n_groups += after_blank
            after_blank = False
        else:
            after_blank = True
    # Wrapped prose seldom ends its lines with a stop (`paragraphs`): most texts need no closer look.
    n_inner = n_lines - n_groups
    if n_inner < 3 or n_ended - n_groups > 0.35 * n_inner:
        return _row_blocks(rows)
    lines = split_lines(plain)
    return _join_paragraphs(
        _Block(line.start, line.end, Role.BODY, number)
        for line, number in zip(lines, number_paragraphs(plain, lines), strict=True)
    )


def _row_blocks(rows: Iterable[str]) -> Iterator[_Block]:
    """Yield each line that is not blank as a paragraph; none is kept, which spares the garbage collector."""
    start, paragraph = 0, 0
    for row in rows:
        end = start + len(row)
        if row and not row.isspace():
            yield _Block(start, end, Role.BODY, paragraph)
            paragraph += 1
        start = end + 1


def _join_paragraphs(lines: Iterable[_Block]) -> list[_Block]:
    """Join lines of one paragraph that follow each other."""
    blocks: list[_Block] = []
    for line in lines:
        if blocks and blocks[-1].paragraph == line.paragraph:
            blocks[-1] = blocks[-1]._replace(end=line.end)
        else:
            blocks.append(line)
    return blocks


def _split(text: str, start: int, end: int, rules: Rules) -> list[tuple[int, int]]:
    """Return the segments of a paragraph as offsets."""
    if text[start] in _EDGE or text[end - 1] in _EDGE:
        start, end = _trim(text, start, end)
    if start == end:
        return []
    if text[start : start + 1] == "|" and _TABLE_ROW.fullmatch(text, start, end):
        return _split_row(text, start, end)
    sentences = split_block(text, start, end, rules)
    if len(sentences) == 1:
        return sentences if _has_words(text, start, end) else []
    first, last = sentences[0]
    if last - first >= _FLATTENED:
        cuts = dateline_cuts(text, first, last)
        if cuts:
            sentences[:1] = [_trim(text, *bounds) for bounds in pairwise([first, *cuts, last])]
    for first, _ in sentences:
        if not text[first].isalnum():
            return _without_bare_marks(text, sentences)
    return sentences


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out white space and invisible characters at both ends."""
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return start, end


def _has_words(text: str, start: int, end: int) -> bool:
    """Tell whether a piece holds a letter, a digit or a pictograph."""
    return text[start].isalnum() or _WORDS.search(text, start, end) is not None


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
        if _has_words(text, start, end):
            kept.append((start if pending is None else pending, end))
            pending = None
        elif kept:
            kept[-1] = (kept[-1][0], end)
        elif pending is None:
            pending = start
    return kept
