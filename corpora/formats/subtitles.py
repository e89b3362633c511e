"""Subtitles, SubRip (SRT) and WebVTT: a cue is a slot; numbers, times and settings stay as they are.

A cue's lines are joined for translation and wrapped again afterwards, to at most two lines of 42 characters
where that is possible (the limit of broadcasters' style guides). A dash that marks a speaker keeps its line.
"""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.corpora.decoding import decode
from dragoman.corpora.formats.slots import Code, CodeKind, Rebuilt, Slot, Translation, place_codes
from dragoman.errors import FormatError

_TIMES = re.compile(
    r"^[ \t]*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}[ \t]*-->[ \t]*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}.*$",
    re.MULTILINE,
)
_MARKUP = re.compile(r"</?[A-Za-z][^<>\n]*>|\{\\[^{}\n]*\}|<\d[\d:.]*>")
_BLANK_LINE = re.compile(r"\r?\n[ \t]*\r?\n")
_WIDTH = 42
_MAX_WIDTH = 60


@dataclass(frozen=True, slots=True)
class SubtitleTemplate:
    """A subtitle file; `frames[i]` stands before slot i, the last ends it."""

    slots: tuple[Slot, ...]
    originals: tuple[str, ...]
    frames: tuple[str, ...]
    markup: tuple[tuple[str, str], ...]  # by payload: opening (or single) and closing code
    line_end: str

    def rebuild(self, translations: Sequence[Translation | None]) -> Rebuilt:
        """Return the file in UTF-8."""
        parts, moved = [self.frames[0]], []
        for index, (slot, translation) in enumerate(zip(self.slots, translations, strict=True)):
            if translation is None:
                parts += [self.originals[index], self.frames[index + 1]]
                continue
            placed, is_moved = place_codes(slot, translation)
            if is_moved:
                moved.append(index)
            text = "".join(part if isinstance(part, str) else self._raw(part) for part in placed)
            parts += [_wrap(text).replace("\n", self.line_end), self.frames[index + 1]]
        return Rebuilt("".join(parts).encode("utf-8", "replace"), tuple(moved))

    def _raw(self, code: Code) -> str:
        opening, closing = self.markup[code.payload]
        return closing if code.kind is CodeKind.CLOSE else opening


def read_subtitles(data: bytes, name: str) -> SubtitleTemplate:
    """Read an SRT or WebVTT file.

    Raises:
        NotTextError: the bytes are no text.
        FormatError: there is no cue in it.
    """
    text = decode(data, name=name).text
    line_end = "\r\n" if "\r\n" in text else "\n"
    slots: list[Slot] = []
    originals: list[str] = []
    frames: list[str] = []
    markup: list[tuple[str, str]] = []
    position = 0
    for match in _TIMES.finditer(text):
        start = match.end()
        blank = _BLANK_LINE.search(text, start)
        block = text[start : blank.start() if blank else len(text)]
        if not _MARKUP.sub("", block).strip():
            continue
        stripped = block.strip()
        start += len(block) - len(block.lstrip())
        frames.append(text[position:start])
        originals.append(stripped)
        slots.append(_slot(stripped, str(len(slots) + 1), markup))
        position = start + len(stripped)
    if not slots and not _TIMES.search(text):
        raise FormatError(f"{name}: no subtitle; expected a line such as 00:00:01,000 --> 00:00:02,500")
    return SubtitleTemplate(
        tuple(slots), tuple(originals), (*frames, text[position:]), tuple(markup), line_end
    )


def _slot(block: str, slot_id: str, markup: list[tuple[str, str]]) -> Slot:
    """Join a cue's lines and take its markup out; lines of two speakers stay two lines."""
    lines = [line.strip() for line in re.split(r"\r?\n", block)]
    is_dialogue = len(lines) > 1 and all(re.match(r"(?:<[^>]*>)*\s*[-–—]", line) for line in lines)
    joined = ("\n" if is_dialogue else " ").join(lines)
    text, codes = "", []
    opened: list[tuple[str, int]] = []
    position = 0
    for match in _MARKUP.finditer(joined):
        text += joined[position : match.start()]
        position = match.end()
        raw = match[0]
        name = re.sub(r"^</?([A-Za-z]+).*$", r"\1", raw, flags=re.DOTALL)
        if raw.startswith("</"):
            if opened and opened[-1][0] == name:
                payload = opened.pop()[1]
                markup[payload] = (markup[payload][0], raw)
                codes.append(Code(len(text), CodeKind.CLOSE, payload, is_dispensable=True))
            continue
        payload = len(markup)
        markup.append((raw, f"</{name}>"))
        if re.match(r"<[A-Za-z]", raw):
            opened.append((name, payload))
            codes.append(Code(len(text), CodeKind.OPEN, payload, is_dispensable=True))
        else:
            codes.append(Code(len(text), CodeKind.SINGLE, payload))
    text += joined[position:]
    for _, payload in reversed(opened):  # SubRip tolerates tags that nobody closes
        codes.append(Code(len(text), CodeKind.CLOSE, payload, is_dispensable=True))
    return Slot(text, tuple(codes), "subtitle", slot_id)


def _wrap(text: str) -> str:
    """Break a cue into two lines of about equal length, more when two would be wider than 60 characters."""
    lines = []
    for line in text.split("\n"):
        plain = len(_MARKUP.sub("", line))
        if plain <= _WIDTH:
            lines.append(line)
            continue
        width = min(_MAX_WIDTH, max(_WIDTH, (len(line) + 1) // 2 + 6))
        lines += textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)
