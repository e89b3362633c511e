"""Gettext PO: entries without a translation, or with a fuzzy one, are slots; what is filled in is fuzzy.

The source of a PO file is its `msgid`. A plural entry has one slot; its translation fills every plural form.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polib

from dragoman.corpora.decoding import decode
from dragoman.corpora.formats.slots import Rebuilt, Slot, Translation
from dragoman.corpora.provenance import flag_to_text
from dragoman.errors import FormatError

_NOTE = "dragoman: "


@dataclass(frozen=True, slots=True)
class PoTemplate:
    """A catalogue and its slots; `numbers[i]` is the entry of slot i."""

    slots: tuple[Slot, ...]
    numbers: tuple[int, ...]
    catalogue: polib.POFile
    tgt_lang: str

    def rebuild(self, translations: Sequence[Translation | None]) -> Rebuilt:
        """Return the catalogue in UTF-8; can be called once, for it changes the catalogue in place."""
        for number, slot, translation in zip(self.numbers, self.slots, translations, strict=True):
            if translation is None or not translation.text:
                continue
            entry = self.catalogue[number]
            text = _same_ends(entry.msgid, translation.text)
            if entry.msgid_plural:
                entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural or {0: "", 1: ""}, text)
            else:
                entry.msgstr = text
            if translation.origin != "human" and "fuzzy" not in entry.flags:
                entry.flags.append("fuzzy")
            notes = [_NOTE + flag_to_text(flag) for flag in translation.flags]
            entry.tcomment = "\n".join(filter(None, [entry.tcomment, *notes]))
            del slot
        self.catalogue.metadata["Language"] = self.tgt_lang
        self.catalogue.metadata["Content-Type"] = "text/plain; charset=UTF-8"
        return Rebuilt((str(self.catalogue) + "\n").encode("utf-8", "replace"))


def read_po(data: bytes, name: str, *, tgt_lang: str = "en") -> PoTemplate:
    """Read a PO catalogue.

    Raises:
        NotTextError: the bytes are no text.
        FormatError: it is not a PO catalogue.
    """
    text = decode(data, name=name).text
    if "msgid" not in text:
        raise FormatError(f"{name}: not a PO catalogue: it has no msgid")
    # polib takes its argument for a path wherever a file of that name exists: give it a file.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalogue.po"
        path.write_bytes(text.encode("utf-8", "replace"))
        try:
            catalogue = polib.pofile(str(path), encoding="utf-8", wrapwidth=78)
        except (OSError, ValueError, UnicodeError) as error:
            message = str(error).replace(str(path), name)
            raise FormatError(f"{name}: not a PO catalogue: {message}") from error
    slots, numbers = [], []
    for number, entry in enumerate(catalogue):
        done = entry.translated() and not entry.fuzzy
        if entry.obsolete or done or not entry.msgid.strip():
            continue
        slots.append(Slot(entry.msgid.strip("\n"), kind="message", slot_id=entry.msgctxt or entry.msgid[:60]))
        numbers.append(number)
    return PoTemplate(tuple(slots), tuple(numbers), catalogue, tgt_lang)


def _same_ends(source: str, text: str) -> str:
    r"""Begin and end with "\n" where the source does, as msgfmt asks."""
    text = text.strip("\n")
    return "\n" * source.startswith("\n") + text + "\n" * source.endswith("\n")
