"""Markdown: paragraphs, headings, list items, quotes and table cells are slots; everything else stays.

Code blocks, front matter, HTML blocks, link definitions and rules are not touched. Inside a slot, code spans,
images and HTML tags are codes; emphasis and links are pairs around their text. Soft line breaks inside a
paragraph become
spaces: a translation has other lengths.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.corpora.decoding import decode
from dragoman.corpora.formats.slots import Code, CodeKind, Rebuilt, Slot, Translation, place_codes

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_LEAD = re.compile(r"^(?:\s*(?:>|[-*+](?=\s)|\d{1,9}[.)](?=\s)|[٠-٩]{1,3}[.)](?=\s)|\[[ xX]\](?=\s)))*\s*")
_HEADING = re.compile(r"^( {0,3}#{1,6}[ \t]+)(.*?)([ \t]+#*[ \t]*)?$")
_UNDERLINE = re.compile(r"^ {0,3}(?:=+|-+)[ \t]*$")
_RULE = re.compile(r"^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:\s*\S+")
_TABLE_RULE = re.compile(r"^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_HTML_BLOCK = re.compile(r"^ {0,3}<(?:/?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>\s*$|!--|!DOCTYPE|\?)")
_INLINE = re.compile(
    r"""(?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))
    | (?P<image>!\[[^\]]*\]\([^()\s]*(?:\s+"[^"]*")?\))
    | (?P<auto><(?:https?://|mailto:)[^<>\s]+>)
    | (?P<tag></?[A-Za-z][^<>]*>)
    | (?P<foot>\[\^[^\]]+\])
    |
    (?P<link>\[)(?P<label>(?:[^\[\]]|\\.)+)(?P<to>\]\([^()\s]*(?:\([^()]*\)[^()\s]*)?(?:\s+"[^"]*")?\)|\]\[[^\]]*\])
    | (?P<mark>\*\*\*|\*\*|__|~~|(?<!\\)\*(?=\S)|(?<=[^\s\\])\*|(?<![\w\\])_(?=\S)|(?<=\S)_(?!\w)) |
    (?P<break>[ ]{2,}\n|\\\n)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class MarkdownTemplate:
    """A text cut into frames and slots; `markup[i]` are the strings of slot i's codes by payload."""

    slots: tuple[Slot, ...]
    originals: tuple[str, ...]
    frames: tuple[str, ...]
    markup: tuple[tuple[tuple[str, str], ...], ...]

    def rebuild(self, translations: Sequence[Translation | None]) -> Rebuilt:
        """Return the text in UTF-8."""
        parts, moved = [self.frames[0]], []
        for index, (slot, translation) in enumerate(zip(self.slots, translations, strict=True)):
            if translation is None:
                parts += [self.originals[index], self.frames[index + 1]]
                continue
            filled, is_moved = place_codes(slot, translation)
            if is_moved:
                moved.append(index)
            for part in filled:
                if isinstance(part, str):
                    parts.append(part)
                else:
                    parts.append(self.markup[index][part.payload][part.kind is CodeKind.CLOSE])
            parts.append(self.frames[index + 1])
        return Rebuilt("".join(parts).encode("utf-8", "replace"), tuple(moved))


def read_markdown(data: bytes, name: str) -> MarkdownTemplate:
    """Read a Markdown text.

    Raises:
        NotTextError: the bytes are no text.
    """
    text = decode(data, name=name).text
    slots: list[Slot] = []
    originals: list[str] = []
    frames: list[str] = []
    markup: list[tuple[tuple[str, str], ...]] = []
    position = 0
    for start, end, kind in _blocks(text):
        raw = text[start:end]
        slot, codes = _slot(raw, kind)
        if not any(char.isalnum() for char in slot.text):
            continue
        frames.append(text[position:start])
        slots.append(slot)
        originals.append(raw)
        markup.append(codes)
        position = end
    return MarkdownTemplate(tuple(slots), tuple(originals), (*frames, text[position:]), tuple(markup))


def _blocks(text: str) -> list[tuple[int, int, str]]:
    """Return (start, end, kind) of every stretch of running text."""
    found: list[tuple[int, int, str]] = []
    fence = ""
    in_matter = text.startswith("---\n")
    can_continue = False  # the line before was a paragraph's
    in_html = False
    offset = 0
    for number, line in enumerate(text.split("\n")):
        start = offset
        offset += len(line) + 1
        body = line.rstrip("\r")
        marker = _FENCE.match(body.lstrip("> "))
        if in_matter:
            in_matter = number == 0 or body not in ("---", "...")
            continue
        if fence or marker:
            if marker and not fence:
                fence = marker[1]
            elif marker and marker[1].startswith(fence) and not body.strip("`~ >\t"):
                fence = ""
            can_continue = False
            continue
        if not body.strip():
            can_continue = in_html = False
            continue
        if in_html or _HTML_BLOCK.match(body):
            in_html = True
            can_continue = False
            continue
        is_code = (
            re.match(r"^(?: {4}|\t)(?!\s*(?:[-*+]|\d+[.)])\s)", body)
            and not can_continue
            and not _in_list(found, text, start)
        )
        if is_code or _RULE.match(body) or _DEFINITION.match(body) or _TABLE_RULE.match(body):
            can_continue = False
            continue
        if can_continue and _UNDERLINE.match(body):
            found[-1] = (*found[-1][:2], "heading")
            can_continue = False
            continue
        if heading := _HEADING.match(body):
            if heading[2].strip():
                found.append((start + heading.start(2), start + heading.end(2), "heading"))
            can_continue = False
            continue
        lead = _LEAD.match(body)
        assert lead is not None
        if "|" in body and re.search(r"(?<!\\)\|", body.strip()) and _is_table(text, start):
            found += [(start + a, start + b, "cell") for a, b in _cells(body)]
            can_continue = False
            continue
        first = start + lead.end()
        last = start + len(body.rstrip(" ") if not body.endswith("  ") else body)
        has_marker = re.search(r"[^\s>]", lead[0]) is not None
        if can_continue and not has_marker:
            found[-1] = (found[-1][0], last, found[-1][2])
        elif first < last:
            found.append((first, last, "text"))
        can_continue = first < last
    return [(a, a + len(text[a:b].rstrip()), kind) for a, b, kind in found]


def _in_list(found: list[tuple[int, int, str]], text: str, start: int) -> bool:
    """Tell whether an indented line goes on with a list item rather than being code."""
    if not found:
        return False
    line_start = text.rfind("\n", 0, found[-1][0]) + 1
    return re.match(r"\s*(?:[-*+]|\d+[.)])\s", text[line_start : found[-1][0]]) is not None and start > 0


def _is_table(text: str, start: int) -> bool:
    """Tell whether a line belongs to a table: its block of lines has a delimiter row."""
    block_start = text.rfind("\n\n", 0, start) + 1
    block_end = text.find("\n\n", start)
    block = text[block_start : block_end if block_end >= 0 else len(text)]
    return any(_TABLE_RULE.match(line) and "-" in line for line in block.split("\n"))


def _cells(line: str) -> list[tuple[int, int]]:
    cells = []
    position = 0
    for match in re.finditer(r"(?<!\\)\||$", line):
        cell = line[position : match.start()]
        if cell.strip():
            first = position + len(cell) - len(cell.lstrip())
            cells.append((first, first + len(cell.strip())))
        position = match.end()
    return cells


def _slot(raw: str, kind: str) -> tuple[Slot, tuple[tuple[str, str], ...]]:
    """Take the inline markup out of a stretch of text."""
    markup: list[tuple[str, str]] = []
    codes: list[Code] = []
    text = _read_inline(raw, 0, markup, codes)
    plain, kept = _tidy(text, codes)
    return Slot(plain, tuple(kept), kind), tuple(markup)


def _read_inline(raw: str, offset: int, markup: list[tuple[str, str]], codes: list[Code]) -> str:
    """Return the plain text of `raw`, whose codes get positions from `offset` on."""
    text = ""
    position = 0
    matches = list(_INLINE.finditer(raw))
    partners = _pair_marks(matches)
    payload_of: dict[int, int] = {}  # by the index of an opening mark
    for index, match in enumerate(matches):
        if match["mark"] and index not in partners:
            continue  # an asterisk that nobody closes is text
        text += raw[position : match.start()]
        position = match.end()
        here = offset + len(text)
        if not any(match[group] for group in ("link", "mark", "code")):
            # An image or a tag takes the space beside it along, so that it keeps its distance where it goes.
            spaces = match.start() - len(raw[: match.start()].rstrip(" "))
            if text.strip():
                text = text[: len(text) - spaces]
                alone = " " * spaces + match[0]
            else:
                position += len(raw) - match.end() - len(raw[match.end() :].lstrip(" "))
                alone = raw[match.start() : position]
            codes.append(Code(offset + len(text), CodeKind.SINGLE, len(markup)))
            markup.append((alone, ""))
            continue
        if match["link"]:
            payload = len(markup)
            markup.append(("[", match["to"]))
            codes.append(Code(here, CodeKind.OPEN, payload))
            text += _read_inline(match["label"], here, markup, codes)
            codes.append(Code(offset + len(text), CodeKind.CLOSE, payload))
        elif match["mark"]:
            if partners[index] < index:
                payload = payload_of[partners[index]]
                codes.append(Code(here, CodeKind.CLOSE, payload, is_dispensable=True))
            else:
                payload_of[index] = len(markup)
                codes.append(Code(here, CodeKind.OPEN, len(markup), is_dispensable=True))
                markup.append((match["mark"], match["mark"]))
        else:
            payload = len(markup)
            markup.append((match["ticks"], match["ticks"]))
            codes.append(Code(here, CodeKind.OPEN, payload))
            text += match["code"].strip("`")
            codes.append(Code(offset + len(text), CodeKind.CLOSE, payload))
    return text + raw[position:]


def _pair_marks(matches: Sequence[re.Match[str]]) -> dict[int, int]:
    """Return for each emphasis mark that has one the index of its partner; crossing pairs are none."""
    partners: dict[int, int] = {}
    opened: list[int] = []
    for index, match in enumerate(matches):
        mark = match["mark"]
        if not mark:
            continue
        same = [at for at in opened if matches[at]["mark"] == mark]
        if same:
            partners |= {index: same[-1], same[-1]: index}
            del opened[opened.index(same[-1]) :]
        else:
            opened.append(index)
    return partners


def _tidy(text: str, codes: list[Code]) -> tuple[str, list[Code]]:
    """Join soft-wrapped lines and strip; move the codes along."""
    lead = len(text) - len(text.lstrip())
    plain: list[str] = []
    mapping: list[int] = []
    end = len(text.rstrip())
    skip_indent = False
    for position, char in enumerate(text):
        mapping.append(len(plain))
        if position < lead or position >= end or (skip_indent and char in " \t>"):
            continue
        skip_indent = char == "\n"
        if char in "\r\n":
            if plain and plain[-1] != " ":
                plain.append(" ")
        else:
            plain.append(char)
    mapping.append(len(plain))
    return "".join(plain), [
        Code(mapping[code.position], code.kind, code.payload, code.is_dispensable) for code in codes
    ]
