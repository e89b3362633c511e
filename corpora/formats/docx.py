"""DOCX (Office Open XML): every paragraph of body, tables, headers, footers, notes and comments is a slot.

A paragraph's runs of equal formatting are one; a change of formatting, a link, a field or an image is a code.
The document becomes left to right: paragraph, run, table and section directions, in styles too, and
formatting that Word keeps apart for right-to-left runs (size, bold, italic) moves to its left-to-right twin.
The package is changed in place; every part that holds no text is copied as it is.
"""

import copy
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from dragoman.corpora.formats.slots import Code, CodeKind, Rebuilt, Slot, Translation, place_codes
from dragoman.corpora.xml_text import legal, local_name, parse_document
from dragoman.errors import FormatError, NotTextError

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_PARTS = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_STYLED_PARTS = re.compile(
    r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments|styles|numbering)\.xml"
)
_KINDS = {
    "header": "header",
    "footer": "footer",
    "footnotes": "footnote",
    "endnotes": "footnote",
    "comments": "comment",
}
_MAX_BYTES = 512 * 2**20  # of a part when unpacked: no text is that long
_MAX_PACKAGE_BYTES = 8 * _MAX_BYTES  # pictures and all
# What tells runs apart only for spelling and layout engines, not for a reader.
_INVISIBLE = frozenset(
    {"rtl", "lang", "cs", "noProof", "proofErr", "bCs", "iCs", "szCs", "rFonts", "webHidden"}
)


@dataclass(frozen=True, slots=True)
class _Place:
    """A paragraph and the elements that its codes stand for, by payload."""

    paragraph: etree._Element
    inline: tuple[etree._Element, ...]  # the children of the paragraph that its translation replaces
    formats: tuple[
        etree._Element | None, ...
    ]  # run properties, hyperlink shells or single elements by payload
    base: etree._Element | None  # run properties of text outside all codes


@dataclass(frozen=True, slots=True)
class DocxTemplate:
    """A DOCX package, its parsed parts and its slots."""

    slots: tuple[Slot, ...]
    places: tuple[_Place, ...]
    parts: dict[str, etree._ElementTree]
    data: bytes
    tgt_lang: str

    def rebuild(self, translations: Sequence[Translation | None]) -> Rebuilt:
        """Return the package; can be called once, for it changes the parsed parts in place."""
        moved = []
        for index, (slot, place, translation) in enumerate(
            zip(self.slots, self.places, translations, strict=True)
        ):
            if translation is None:
                continue
            parts, is_moved = place_codes(slot, translation)
            if is_moved:
                moved.append(index)
            _write_paragraph(place, parts)
        for tree in self.parts.values():
            _turn_left_to_right(tree.getroot(), self.tgt_lang)
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(self.data)) as old, zipfile.ZipFile(stream, "w") as new:
            for info in old.infolist():
                changed = self.parts.get(info.filename)
                content = old.read(info.filename) if changed is None else _serialise(changed)
                copied = zipfile.ZipInfo(
                    info.filename, (1980, 1, 1, 0, 0, 0)
                )  # equal inputs give equal files
                copied.compress_type = zipfile.ZIP_DEFLATED
                new.writestr(copied, content)
        return Rebuilt(stream.getvalue(), tuple(moved))


def read_docx(data: bytes, name: str, *, tgt_lang: str = "en-US") -> DocxTemplate:
    """Read a DOCX file.

    Raises:
        NotTextError: the bytes are no DOCX package (an old .doc, an image …).
        FormatError: the package is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = [info.filename for info in package.infolist() if _STYLED_PARTS.fullmatch(info.filename)]
            if "word/document.xml" not in names:
                raise NotTextError(f"{name}: not a DOCX file: it has no word/document.xml")
            if any(package.getinfo(part).file_size > _MAX_BYTES for part in names):
                raise FormatError(f"{name}: a part of the DOCX file is larger than {_MAX_BYTES >> 20} MiB")
            if sum(info.file_size for info in package.infolist()) > _MAX_PACKAGE_BYTES:
                raise FormatError(f"{name}: the DOCX file unpacks to over {_MAX_PACKAGE_BYTES >> 20} MiB")
            damaged = package.testzip()  # all parts, as all are copied in the end
            if damaged is not None:
                raise NotTextError(f"{name}: the DOCX file is damaged: {damaged}")
            parts = {part: parse_document(package.read(part), f"{name}:{part}") for part in names}
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
        raise NotTextError(f"{name}: not a DOCX file: {error}") from error
    slots, places = [], []
    order = sorted(parts, key=lambda part: (part != "word/document.xml", part))
    for part in order:
        match = _PARTS.fullmatch(part)
        if match is None:
            continue
        kind = _KINDS.get(match[1].rstrip("0123456789"), "text")
        for paragraph in parts[part].getroot().iter(_tag("p")):
            slot, place = _read_paragraph(paragraph, kind)
            if any(char.isalnum() for char in slot.text):
                slots.append(slot)
                places.append(place)
    return DocxTemplate(tuple(slots), tuple(places), parts, data, tgt_lang)


def _tag(name: str) -> str:
    return f"{{{_W}}}{name}"


class _Event(NamedTuple):
    """A stretch of text, a single element, or the begin or end of a link, in a paragraph's order."""

    kind: CodeKind | None  # None for text
    text: str = ""
    element: etree._Element | None = None  # run properties of text; else what the code stands for


def _read_paragraph(paragraph: etree._Element, kind: str) -> tuple[Slot, _Place]:
    """Read a paragraph's text, its codes and what it needs to be written again."""
    events = list(_events(paragraph))
    base = next((event.element for event in events if event.kind is None and event.text.strip()), None)
    base_look = _look(base)
    text = ""
    codes: list[Code] = []
    formats: list[etree._Element | None] = []
    links: list[int] = []
    look, payload = base_look, -1

    def close_format() -> None:
        if payload >= 0:
            codes.append(Code(len(text), CodeKind.CLOSE, payload, is_dispensable=True))

    for event in events:
        if event.kind is None:
            new_look = _look(event.element)
            if new_look != look and event.text.strip():
                close_format()
                payload, look = -1, new_look
                if new_look != base_look:
                    payload = len(formats)
                    formats.append(event.element)
                    codes.append(Code(len(text), CodeKind.OPEN, payload, is_dispensable=True))
            text += event.text
            continue
        if event.kind is not CodeKind.SINGLE:
            close_format()
            payload, look = -1, base_look
        if event.kind is CodeKind.CLOSE:
            codes.append(Code(len(text), CodeKind.CLOSE, links.pop()))
            continue
        if event.kind is CodeKind.OPEN:
            links.append(len(formats))
        codes.append(Code(len(text), event.kind, len(formats)))
        formats.append(event.element)
    close_format()
    lead = len(text) - len(text.lstrip())
    stripped = text.strip()
    moved = tuple(
        Code(min(max(0, code.position - lead), len(stripped)), code.kind, code.payload, code.is_dispensable)
        for code in codes
    )
    if kind == "text":
        style = paragraph.find(f"{_tag('pPr')}/{_tag('pStyle')}")
        name = "" if style is None else style.get(_tag("val")) or ""
        in_cell = any(parent.tag == _tag("tc") for parent in paragraph.iterancestors())
        kind = "cell" if in_cell else "heading" if re.match(r"(?i)heading|title", name) else "text"
    inline = tuple(child for child in paragraph if child.tag != _tag("pPr"))
    return Slot(stripped, moved, kind), _Place(paragraph, inline, tuple(formats), base)


def _events(paragraph: etree._Element) -> Iterator[_Event]:
    for child in paragraph:
        name = local_name(child)
        if name == "r":
            yield from _run_events(child)
        elif name in ("ins", "smartTag", "sdt", "sdtContent", "customXml", "dir", "bdo"):
            yield from _events(child)
        elif name == "hyperlink":
            yield _Event(CodeKind.OPEN, element=child)
            yield from _events(child)
            yield _Event(CodeKind.CLOSE)
        elif name not in ("", "pPr", "del", "moveFrom", "proofErr", "rPr", "sdtPr", "sdtEndPr"):
            yield _Event(CodeKind.SINGLE, element=child)


def _run_events(run: etree._Element) -> Iterator[_Event]:
    properties = run.find(_tag("rPr"))
    for child in run:
        name = local_name(child)
        if name == "t":
            yield _Event(None, child.text or "", properties)
        elif name == "tab":
            yield _Event(None, "\t", properties)
        elif name == "noBreakHyphen":
            yield _Event(None, "-", properties)
        elif name in ("br", "cr") and child.get(_tag("type")) is None:
            yield _Event(None, "\n", properties)
        elif name not in ("", "rPr", "lastRenderedPageBreak", "softHyphen", "delText"):
            shell = etree.Element(_tag("r"))  # fields, notes' marks, drawings: a run of their own
            if properties is not None:
                shell.append(copy.deepcopy(properties))
            shell.append(copy.deepcopy(child))
            yield _Event(CodeKind.SINGLE, element=shell)


def _look(properties: etree._Element | None) -> bytes:
    """Return what a reader sees of run properties, comparable."""
    if properties is None:
        return b""
    shown = [
        etree.tostring(child, method="c14n")
        for child in properties
        if isinstance(child.tag, str) and etree.QName(child).localname not in _INVISIBLE
    ]
    return b"".join(sorted(shown))


def _write_paragraph(place: _Place, parts: Sequence[str | Code]) -> None:
    """Replace a paragraph's runs by the translation."""
    for child in place.inline:
        place.paragraph.remove(child)
    properties = place.base
    target = place.paragraph
    for part in parts:
        if isinstance(part, str):
            target.append(_run(part, properties))
            continue
        stands_for = place.formats[part.payload]
        is_link = stands_for is not None and stands_for.tag == _tag("hyperlink")
        if part.kind is CodeKind.SINGLE and stands_for is not None:
            target.append(copy.deepcopy(stands_for))
        elif is_link and stands_for is not None and part.kind is CodeKind.OPEN:
            target = etree.SubElement(place.paragraph, stands_for.tag)
            for name, value in stands_for.attrib.items():
                target.set(name, value)
        elif is_link:
            target = place.paragraph
        else:
            properties = stands_for if part.kind is CodeKind.OPEN else place.base


def _run(text: str, properties: etree._Element | None) -> etree._Element:
    run = etree.Element(_tag("r"))
    if properties is not None:
        run.append(copy.deepcopy(properties))
    for piece in re.split(r"([\t\n])", legal(text)):
        if piece == "\t":
            etree.SubElement(run, _tag("tab"))
        elif piece == "\n":
            etree.SubElement(run, _tag("br"))
        elif piece:
            element = etree.SubElement(run, _tag("t"))
            element.text = piece
            element.set(_XML_SPACE, "preserve")
    return run


def _turn_left_to_right(root: etree._Element, tgt_lang: str) -> None:
    """Take right-to-left settings out of paragraphs, runs, tables, sections and styles."""
    for element in list(root.iter(_tag("bidi"), _tag("bidiVisual"), _tag("rtlGutter"))):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    for direction in list(root.iter(_tag("textDirection"))):
        if direction.get(_tag("val")) == "tbRl" and direction.getparent() is not None:
            direction.getparent().remove(direction)  # type: ignore[union-attr]  # checked above
    for properties in root.iter(_tag("rPr")):
        rtl = properties.find(_tag("rtl"))
        is_rtl = rtl is not None and rtl.get(_tag("val"), "1") not in ("0", "false", "off")
        if rtl is not None:
            properties.remove(rtl)
        if is_rtl:
            for twin, plain in (("bCs", "b"), ("iCs", "i"), ("szCs", "sz")):
                _copy_twin(properties, twin, plain)
        for lang in properties.iter(_tag("lang")):
            lang.set(_tag("val"), tgt_lang)
            lang.attrib.pop(_tag("bidi"), None)
    for number_format in root.iter(_tag("numFmt")):
        if number_format.get(_tag("val")) in ("arabicAbjad", "arabicAlpha", "hindiNumbers"):
            is_letters = number_format.get(_tag("val")) != "hindiNumbers"
            number_format.set(_tag("val"), "lowerLetter" if is_letters else "decimal")


def _copy_twin(properties: etree._Element, twin: str, plain: str) -> None:
    """Give right-to-left formatting to its left-to-right twin, in the place that the schema wants."""
    source = properties.find(_tag(twin))
    if source is None:
        return
    target = properties.find(_tag(plain))
    if target is None:
        target = etree.Element(_tag(plain))
        source.addprevious(target)  # b stands before bCs, i before iCs, sz before szCs
    for name, value in source.attrib.items():
        target.set(name, value)


def _serialise(tree: etree._ElementTree) -> bytes:
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
