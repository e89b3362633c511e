"""TMX as a document to fill: units with a source variant and no target variant are slots."""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from dragoman.corpora.formats.slots import Rebuilt, Slot, Translation, place_codes
from dragoman.corpora.formats.xml_inline import InlineText, read_inline, trimmed, write_inline
from dragoman.corpora.provenance import flag_to_text
from dragoman.corpora.xml_text import XML_LANG, legal, local_name, parse_document
from dragoman.errors import FormatError


@dataclass(frozen=True, slots=True)
class TmxTemplate:
    """A TMX document, its slots and their units."""

    slots: tuple[Slot, ...]
    places: tuple[tuple[etree._Element, InlineText], ...]
    tree: etree._ElementTree
    tgt_lang: str

    def rebuild(self, translations: Sequence[Translation | None]) -> Rebuilt:
        """Return the document; can be called once, for it changes the document in place."""
        moved = []
        for index, (slot, (unit, inline), translation) in enumerate(
            zip(self.slots, self.places, translations, strict=True)
        ):
            if translation is None:
                continue
            parts, is_moved = place_codes(slot, translation)
            if is_moved:
                moved.append(index)
            variant = etree.SubElement(unit, "tuv", {XML_LANG: self.tgt_lang})
            properties = [("x-origin", translation.origin)]
            properties += [("x-flag", flag_to_text(flag)) for flag in translation.flags]
            for kind, value in properties:
                if value:
                    etree.SubElement(variant, "prop", {"type": kind}).text = legal(value)
            write_inline(etree.SubElement(variant, "seg"), parts, inline)
        data = etree.tostring(self.tree, xml_declaration=True, encoding="UTF-8")
        return Rebuilt(data + b"\n", tuple(moved))


def read_tmx_template(data: bytes, name: str, *, src_lang: str = "ar", tgt_lang: str = "en") -> TmxTemplate:
    """Read a TMX document.

    Raises:
        FormatError: it is not well-formed XML, or not TMX.
    """
    tree = parse_document(data, name)
    if local_name(tree.getroot()) != "tmx":
        raise FormatError(f"{name}: not a TMX file: its outermost element is <{local_name(tree.getroot())}>")
    slots, places = [], []
    for unit in tree.getroot().iter("{*}tu"):
        variants = {_lang(variant): variant for variant in reversed(unit.findall("{*}tuv"))}
        source = variants.get(_primary(src_lang))
        seg = None if source is None else source.find("{*}seg")
        if seg is None or _primary(tgt_lang) in variants:
            continue
        inline = read_inline(seg)
        text, codes = trimmed(inline)
        if any(char.isalnum() for char in text):
            slots.append(Slot(text, codes, "unit", unit.get("tuid") or ""))
            places.append((unit, inline))
    return TmxTemplate(tuple(slots), tuple(places), tree, tgt_lang)


def _lang(variant: etree._Element) -> str:
    return _primary(variant.get(XML_LANG) or variant.get("lang") or "")


def _primary(lang: str) -> str:
    return lang.replace("_", "-").partition("-")[0].casefold()
