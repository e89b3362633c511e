r"""Paragraphs of plain text: a line each, or several hard-wrapped lines, as mail and PDF leave them.

Wrapped prose shows itself in a block of adjacent lines by three signs together: most lines do not end a
sentence, sentences end in the middle of lines, and the lines fill the same width (counted in characters or
in words). Verse, menus and lists lack at least one of them.
"""

import re
from collections.abc import Sequence
from statistics import fmean, pstdev
from typing import NamedTuple

_SENTENCE_END = re.compile("[.!?؟…۔:][\\s\"'”“»«’)\\]]*$")
_INNER_END = re.compile("[.!?؟…۔][\"'”“»«’)\\]]*\\s+\\S")
_GAP = re.compile(r"\S(?:\t| {3,})\S")  # between the halves of a verse, or the cells of a table
_LIST_ITEM = re.compile(r"\s*(?:[-*•●▪◦–—+·]|\d{1,3}[.)\-]|[٠-٩]{1,3}[.)\-])\s+\S")
_MINIMUM_WIDTH = 24  # characters; narrower lines are menus
_MAXIMUM_WIDTH = 160  # characters; nobody wraps that wide


class TextLine(NamedTuple):
    """A line that is not blank: `text[start:end]` without the white space around it, and its block."""

    start: int
    end: int
    block: int


def split_lines(text: str) -> list[TextLine]:
    r"""Return the lines of a text that are not blank; blank lines separate blocks. Only "\n" ends a line."""
    lines, block, start, after_blank = [], -1, 0, True
    for raw in text.split("\n"):
        stripped = raw.strip()
        if stripped:
            block += after_blank
            after_blank = False
            first = start + len(raw) - len(raw.lstrip())
            lines.append(TextLine(first, first + len(stripped), block))
        else:
            after_blank = True
        start += len(raw) + 1
    return lines


def number_paragraphs(text: str, lines: Sequence[TextLine]) -> list[int]:
    """Return the paragraph number of each line; hard-wrapped lines of one paragraph share theirs."""
    contents = [text[line.start : line.end] for line in lines]
    is_wrapped = _is_wrapped(contents, lines)
    width = max((len(content) for content in contents), default=0)
    numbers: list[int] = []
    for index, line in enumerate(lines):
        joins = (
            is_wrapped
            and index > 0
            and lines[index - 1].block == line.block
            and not _LIST_ITEM.match(contents[index])
            and len(contents[index - 1]) >= 0.4 * width
        )
        numbers.append((numbers[-1] if numbers else -1) + (not joins))
    return numbers


def _is_wrapped(contents: Sequence[str], lines: Sequence[TextLine]) -> bool:
    """Tell whether the text as a whole is hard-wrapped prose."""
    inner = [
        content
        for content, line, following in zip(contents, lines, lines[1:], strict=False)
        if line.block == following.block
    ]
    if len(inner) < 3:
        return False
    widths = [len(content) for content in inner]
    if not _MINIMUM_WIDTH <= fmean(widths) <= _MAXIMUM_WIDTH or max(widths) > 2 * _MAXIMUM_WIDTH:
        return False
    n_ended = sum(bool(_SENTENCE_END.search(content)) for content in inner)
    n_inner_ends = sum(bool(_INNER_END.search(content)) for content in inner)
    n_gaps = sum(bool(_GAP.search(content)) or bool(_LIST_ITEM.match(content)) for content in inner)
    if (
        n_ended > 0.35 * len(inner)
        or n_inner_ends < 0.05 * len(inner)
        or n_inner_ends == 0
        or n_gaps > 0.2 * len(inner)
    ):
        return False
    n_words = [len(content.split()) for content in inner]
    return _is_even(widths, 0.25) or _is_even(n_words, 0.15)


def _is_even(values: Sequence[int], spread: float) -> bool:
    """Tell whether values vary little around their mean (coefficient of variation)."""
    return pstdev(values) <= spread * fmean(values)
