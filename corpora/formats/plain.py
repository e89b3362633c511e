"""Plain text: every line that is not blank is a slot; indentation and line ends stay."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.corpora.decoding import decode
from dragoman.corpora.formats.slots import Rebuilt, Slot, Translation

_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """A text cut into slots and what stays: `frames[i]` stands before slot i, the last ends it."""

    slots: tuple[Slot, ...]
    frames: tuple[str, ...]

    def rebuild(self, translations: Sequence[Translation | None]) -> Rebuilt:
        """Return the text in UTF-8 with the translations in their places."""
        parts = [self.frames[0]]
        for slot, translation, frame in zip(self.slots, translations, self.frames[1:], strict=True):
            parts += [slot.text if translation is None else translation.text, frame]
        return Rebuilt("".join(parts).encode("utf-8", "replace"))


def read_plain(data: bytes, name: str) -> TextTemplate:
    """Read a plain text; its encoding is found out, what is written is UTF-8.

    Raises:
        NotTextError: the bytes are no text.
    """
    text = decode(data, name=name).text
    slots: list[Slot] = []
    frames: list[str] = []
    position = 0
    for match in _LINE.finditer(text):
        line = match[0].strip()
        if not line:
            continue
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        frames.append(text[position:start])
        slots.append(Slot(line, slot_id=str(len(slots) + 1)))
        position = start + len(line)
    return TextTemplate(tuple(slots), (*frames, text[position:]))
