"""XLIFF 1.2 and 2.x that someone else made: units without a finished target are slots, the rest stays.

Targets get their state (`dragoman.corpora.xliff.STATES`; XLIFF 2: translated, with a subState that says by
whom), fuzzy matches are offered as `<alt-trans>` or in the matches module, doubts are notes.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from dragoman.corpora.formats.slots import Rebuilt, Slot, Translation, place_codes
from dragoman.corpora.formats.xml_inline import InlineText, read_inline, trimmed, write_inline
from dragoman.corpora.provenance import Match, flag_to_text
from dragoman.corpora.xliff import STATES, TOOL
from dragoman.corpora.xml_text import XML_LANG, legal, local_name, parse_document, plain_text
from dragoman.errors import FormatError

_UNFINISHED = frozenset({"", "new", "needs-translation", "initial"})
_MATCHES = "urn:oasis:names:tc:xliff:matches:2.0"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a slot's translation goes.

    Attributes:
        unit: trans-unit (1.2) or segment (2.x).
        source: the element that was read: source, or a `<mrk mtype="seg">` of seg-source.
        inline: its content.
    """

    unit: etree._Element
    source: etree._Element
    inline: InlineText


@dataclass(frozen=True, slots=True)
class XliffTemplate:
    """An XLIFF document and its slots."""

    slots: tuple[Slot, ...]
    places: tuple[_Place, ...]
    tree: etree._ElementTree
    tgt_lang: str

    def rebuild(self, translations: Sequence[Translation | None]) -> Rebuilt:
        """Return the document; can be called once, for it changes the document in place."""
        moved = []
        for index, (slot, place, translation) in enumerate(
            zip(self.slots, self.places, translations, strict=True)
        ):
            if translation is None:
                continue
            parts, is_moved = place_codes(slot, translation)
            if is_moved:
                moved.append(index)
            is_version_2 = local_name(place.unit) == "segment"
            fill = _fill_segment if is_version_2 else _fill_trans_unit
            write_inline(fill(place, translation, self.tgt_lang), parts, place.inline)
        data = etree.tostring(self.tree, xml_declaration=True, encoding="UTF-8")
        return Rebuilt(data + b"\n", tuple(moved))


def read_xliff_template(data: bytes, name: str, *, tgt_lang: str = "en") -> XliffTemplate:
    """Read an XLIFF document.

    Raises:
        FormatError: it is not well-formed XML, or not XLIFF.
    """
    tree = parse_document(data, name)
    root = tree.getroot()
    if local_name(root) != "xliff":
        raise FormatError(f"{name}: not an XLIFF file: its outermost element is <{local_name(root)}>")
    is_version_2 = (root.get("version") or "").startswith("2")
    if is_version_2:
        tgt_lang = root.get("trgLang") or tgt_lang
        root.set("trgLang", tgt_lang)
    slots, places = [], []
    for kind, place in _places_of_2(root) if is_version_2 else _places_of_1(root):
        text, codes = trimmed(place.inline)
        if any(char.isalnum() for char in text):
            slots.append(Slot(text, codes, "unit", kind))
            places.append(place)
    return XliffTemplate(tuple(slots), tuple(places), tree, tgt_lang)


def _places_of_1(root: etree._Element) -> Iterator[tuple[str, _Place]]:
    for unit in root.iter("{*}trans-unit"):
        source, target = unit.find("{*}source"), unit.find("{*}target")
        state = "" if target is None else target.get("state") or ""
        is_done = target is not None and plain_text(target).strip() and state not in _UNFINISHED - {""}
        if source is None or is_done or unit.get("approved") == "yes" or unit.get("translate") == "no":
            continue
        unit_id = unit.get("resname") or unit.get("id") or ""
        segmented = unit.find("{*}seg-source")
        marks = [] if segmented is None else [m for m in segmented.iter("{*}mrk") if m.get("mtype") == "seg"]
        if marks:
            for mark in marks:
                yield f"{unit_id}.{mark.get('mid') or ''}", _Place(unit, mark, read_inline(mark))
        else:
            yield unit_id, _Place(unit, source, read_inline(source))


def _places_of_2(root: etree._Element) -> Iterator[tuple[str, _Place]]:
    for unit in root.iter("{*}unit"):
        if unit.get("translate") == "no":
            continue
        for segment in unit.findall("{*}segment"):
            source, target = segment.find("{*}source"), segment.find("{*}target")
            is_done = target is not None and plain_text(target).strip()
            if source is not None and not is_done and (segment.get("state") or "") in _UNFINISHED:
                yield unit.get("id") or "", _Place(segment, source, read_inline(source))


def _fill_trans_unit(place: _Place, translation: Translation, tgt_lang: str) -> etree._Element:
    """Return the empty element of a 1.2 unit that takes the translation; set state, matches and notes."""
    unit = place.unit
    namespace = etree.QName(unit).namespace
    target = unit.find("{*}target")
    if target is None:
        target = etree.Element(etree.QName(namespace, "target"))
        before = unit.find("{*}seg-source")
        (before if before is not None else unit.find("{*}source")).addnext(target)  # type: ignore[union-attr]  # a source was read
        target.tail = "\n"
    is_segment = local_name(place.source) == "mrk"
    if not is_segment or not len(target):
        _empty(target)
    if is_segment and not len(target):
        segmented = unit.find("{*}seg-source")
        assert segmented is not None  # the segment came from there
        target.text = segmented.text
        for child in segmented:
            target.append(copy.deepcopy(child))
    state, qualifier = STATES.get(translation.origin, ("needs-review-translation", ""))
    target.set("state", state)
    if qualifier:
        target.set("state-qualifier", qualifier)
    if target.get(XML_LANG) is None:
        target.set(XML_LANG, tgt_lang)
    for match in translation.matches:
        unit.append(_alt_trans(match, namespace))
    for flag in translation.flags:
        note = etree.SubElement(unit, etree.QName(namespace, "note"), {"from": TOOL, "annotates": "target"})
        note.text = legal(flag_to_text(flag))
    if not is_segment:
        return target
    mid = place.source.get("mid")
    mark = next(
        mark for mark in target.iter("{*}mrk") if mark.get("mtype") == "seg" and mark.get("mid") == mid
    )
    return _empty(mark)


def _alt_trans(match: Match, namespace: str | None) -> etree._Element:
    attributes = {"match-quality": f"{match.similarity:.0f}%", "origin": legal(match.origin or "tm")}
    alt = etree.Element(etree.QName(namespace, "alt-trans"), attributes)
    for name, text in (("source", match.src), ("target", match.tgt)):
        etree.SubElement(alt, etree.QName(namespace, name)).text = legal(text)
    return alt


def _fill_segment(place: _Place, translation: Translation, tgt_lang: str) -> etree._Element:
    """Return the empty target of a 2.x segment; set its state, the unit's matches and notes."""
    del tgt_lang  # XLIFF 2 says it once, at the top
    segment, unit = place.unit, place.unit.getparent()
    assert unit is not None
    namespace = etree.QName(segment).namespace
    target = segment.find("{*}target")
    if target is None:
        target = etree.Element(etree.QName(namespace, "target"))
        place.source.addnext(target)
    _empty(target)
    segment.set("state", "reviewed" if translation.origin == "human" else "translated")
    segment.set("subState", f"{TOOL}:{translation.origin or 'mt'}")
    if translation.matches:
        if segment.get("id") is None:
            segment.set("id", f"s{unit.index(segment) + 1}")
        matches = unit.find(f"{{{_MATCHES}}}matches")
        if matches is None:
            matches = etree.Element(etree.QName(_MATCHES, "matches"), nsmap={"mtc": _MATCHES})
            unit.insert(0, matches)
        for match in translation.matches:
            attributes = {
                "ref": f"#{segment.get('id')}",
                "matchQuality": f"{match.similarity:.1f}",
                "type": "tm",
            }
            element = etree.SubElement(matches, etree.QName(_MATCHES, "match"), attributes)
            for name, text in (("source", match.src), ("target", match.tgt)):
                etree.SubElement(element, etree.QName(namespace, name)).text = legal(text)
    if translation.flags:
        notes = unit.find("{*}notes")
        if notes is None:
            notes = etree.Element(etree.QName(namespace, "notes"))
            first = next(
                child for child in unit if local_name(child) in ("originalData", "segment", "ignorable")
            )
            first.addprevious(notes)
        for flag in translation.flags:
            note = etree.SubElement(notes, etree.QName(namespace, "note"), {"category": TOOL})
            note.text = legal(flag_to_text(flag))
    return target


def _empty(element: etree._Element) -> etree._Element:
    """Take out an element's content, keep its attributes and tail."""
    for child in list(element):
        element.remove(child)
    element.text = None
    return element
