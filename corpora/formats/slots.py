"""What every document format has in common: texts to translate, inline codes in them, and pieces put back.

A format reads a file into a `Template`: its slots (a paragraph, a cell, a subtitle …) and everything around
them. The texts of the slots are plain; the inline markup in them is kept apart as `Code`s with positions. A
translation comes back as one text or sentence by sentence (`Piece`), so that codes stay in their sentence;
`place_codes` puts them where they belong, or at the sentence's end where that cannot be told, and says so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from dragoman.corpora.provenance import Match
from dragoman.units import Flag


class CodeKind(StrEnum):
    """What an inline code does."""

    OPEN = "open"
    CLOSE = "close"
    SINGLE = "single"  # a line break, an image, a footnote mark


@dataclass(frozen=True, slots=True)
class Code:
    """Inline markup at a position of a slot's text.

    Attributes:
        position: code point offset in the text before which it stands.
        kind: opening, closing or alone.
        payload: number by which the format knows it; an opening and its closing code share one.
        is_dispensable: may be left out where its place cannot be told (bold), instead of standing at the end.
    """

    position: int
    kind: CodeKind
    payload: int
    is_dispensable: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """A text to translate.

    Attributes:
        text: the plain text, without white space at its ends.
        codes: inline codes, by position.
        kind: "text", "heading", "header", "footnote", "title", "cell" …, for the report.
        slot_id: the format's own name for it: a key, a trans-unit's id, a cue's number ("" when there is
            none).
    """

    text: str
    codes: tuple[Code, ...] = ()
    kind: str = "text"
    slot_id: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """The translation of `slot.text[start:end]`, a sentence."""

    start: int
    end: int
    tgt: str


@dataclass(frozen=True, slots=True)
class Translation:
    """What is put into a slot.

    Attributes:
        pieces: sentence by sentence, in the order of the source.
        origin: "mt", "tm", "copy" or "human", for formats that have states.
        matches: fuzzy matches of a translation memory, for formats that can offer them.
        flags: doubts, for formats that have notes.
    """

    pieces: tuple[Piece, ...]
    origin: str = "mt"
    matches: tuple[Match, ...] = ()
    flags: tuple[Flag, ...] = ()

    @property
    def text(self) -> str:
        """The whole translation without codes."""
        return " ".join(piece.tgt.strip() for piece in self.pieces if piece.tgt.strip())


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A document with its translations.

    Attributes:
        data: the file.
        moved: indices of slots in which inline codes could not keep their place.
    """

    data: bytes
    moved: tuple[int, ...] = ()


class Template(Protocol):
    """A document without its texts."""

    @property
    def slots(self) -> Sequence[Slot]:
        """The texts to translate, in reading order."""
        ...

    def rebuild(self, translations: Sequence[Translation | None]) -> Rebuilt:
        """Put a translation into each slot; None leaves the source text."""
        ...


def whole(slot: Slot, tgt: str, *, origin: str = "mt") -> Translation:
    """Return a translation of a slot in one piece."""
    return Translation((Piece(0, len(slot.text), tgt),), origin)


def source_parts(slot: Slot) -> list[str | Code]:
    """Return a slot's source text with its codes where they stood."""
    parts: list[str | Code] = []
    position = 0
    for code in slot.codes:
        parts += [slot.text[position : code.position], code]
        position = code.position
    return _merge([*parts, slot.text[position:]])


def place_codes(slot: Slot, translation: Translation) -> tuple[list[str | Code], bool]:
    """Distribute a slot's codes over its translation.

    Codes at the ends of a sentence stay at its ends. A pair inside goes around its words where they stand in
    the target as they are (a number, a Latin name) or, as in "<b>Note:</b> …", around the words before the
    first colon. Every other code goes to the end of its sentence, or is left out when it is dispensable. What
    was well nested stays so.

    Returns:
        (texts and codes in order, whether a code could not keep its place).
    """
    pieces = [piece for piece in translation.pieces if piece.tgt.strip()] or [Piece(0, len(slot.text), "")]
    parts: list[str | Code] = []
    is_moved = False
    remaining = list(slot.codes)
    for number, piece in enumerate(pieces):
        end = pieces[number + 1].start if number + 1 < len(pieces) else len(slot.text) + 1
        n_mine = 0
        while n_mine < len(remaining) and (
            remaining[n_mine].position < end
            or (remaining[n_mine].position == end and remaining[n_mine].kind is CodeKind.CLOSE)
        ):
            n_mine += 1
        mine, remaining = remaining[:n_mine], remaining[n_mine:]
        if number:
            between = slot.text[pieces[number - 1].end : piece.start]
            parts.append("\n" if "\n" in between else " ")
        placed, moved = _place_in_piece(slot.text, piece, mine)
        parts += placed
        is_moved |= moved
    return _merge([*parts, *remaining]), is_moved


class _Pair(NamedTuple):
    """A pair of codes around `tgt[start:end]`."""

    start: int
    end: int
    opened: Code
    closed: Code


def _place_in_piece(src: str, piece: Piece, codes: list[Code]) -> tuple[list[str | Code], bool]:
    tgt = piece.tgt.strip()
    first, last = _content_span(src, piece)
    n_leading = 0
    while n_leading < len(codes) and codes[n_leading].position <= first:
        n_leading += 1
    n_kept = len(codes)
    while n_kept > n_leading and codes[n_kept - 1].position >= last:
        n_kept -= 1
    leading, middle, trailing = codes[:n_leading], codes[n_leading:n_kept], codes[n_kept:]
    opens = {code.payload: code for code in codes if code.kind is CodeKind.OPEN}
    closes = {code.payload: code for code in codes if code.kind is CodeKind.CLOSE}
    pairs: list[_Pair] = []
    at_end: list[str | Code] = []
    taken: set[int] = set()  # payloads of pairs that are placed, moved or left out already
    is_moved = False
    for code in [*leading, *middle]:
        opened, closed = opens.get(code.payload), closes.get(code.payload)
        if opened is None or closed is None or code.kind is CodeKind.SINGLE:  # alone, or half of a pair
            if code in middle:
                is_moved = True
                if not (code.is_dispensable and code.kind is CodeKind.SINGLE):
                    at_end.append(code)
        elif code.payload not in taken and (opened in middle or closed in middle or closed in leading):
            if closed in leading and opened in leading:
                continue  # an empty pair before the text
            taken.add(code.payload)
            span = _words_span(
                src[opened.position : closed.position].strip(), tgt, is_first=opened in leading
            )
            if span and _is_free(_Pair(*span, opened, closed), pairs):
                pairs.append(_Pair(*span, opened, closed))
                continue
            is_moved = True
            if opened.is_dispensable:
                continue
            last_words = list(re.finditer(r"[\w%]+", tgt))
            last_word = _Pair(*last_words[-1].span(), opened, closed) if last_words else None
            if last_word and _is_free(last_word, pairs):  # a link stays a link
                pairs.append(last_word)
            else:
                at_end += [opened, closed]
    parts: list[str | Code] = [code for code in leading if code.payload not in taken]
    parts += _interleave(tgt, pairs)
    parts += [*at_end, *(code for code in trailing if code.payload not in taken)]
    return parts, is_moved


def _is_free(pair: _Pair, pairs: list[_Pair]) -> bool:
    """Tell whether a pair crosses no other: beside each, or inside one that it is inside of in the source."""
    return all(
        other.end <= pair.start
        or pair.end <= other.start
        or (
            other.start <= pair.start
            and pair.end <= other.end
            and other.opened.position <= pair.opened.position
            and pair.closed.position <= other.closed.position
        )
        for other in pairs
    )


def _interleave(tgt: str, pairs: list[_Pair]) -> list[str | Code]:
    """Return the target with the codes of pairs that do not cross; outer pairs come first in `pairs`."""
    closing: dict[int, list[Code]] = {}
    opening: dict[int, list[Code]] = {}
    for pair in pairs:
        opening.setdefault(pair.start, []).append(pair.opened)
        closing.setdefault(pair.end, []).insert(0, pair.closed)
    parts: list[str | Code] = []
    position = 0
    for cut in sorted({*opening, *closing}):
        parts += [tgt[position:cut], *closing.get(cut, ()), *opening.get(cut, ())]
        position = cut
    return [*parts, tgt[position:]]


def _content_span(src: str, piece: Piece) -> tuple[int, int]:
    """Return the piece's span without white space at its ends."""
    text = src[piece.start : piece.end]
    first = piece.start + len(text) - len(text.lstrip())
    return first, max(first, piece.start + len(text.rstrip()))


def _words_span(words: str, tgt: str, *, is_first: bool) -> tuple[int, int] | None:
    """Return where a pair's words stand in the target; None when that cannot be told."""
    if not words:
        return None
    found = [match.span() for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", tgt)]
    if len(found) == 1:
        return found[0]
    if is_first and words.endswith(":") and 0 < (colon := tgt.find(":")) < len(tgt) - 1:
        return 0, colon + 1
    return None


def _merge(parts: list[str | Code]) -> list[str | Code]:
    merged: list[str | Code] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return merged
