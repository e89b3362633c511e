"""TMX 1.4b: the exchange format of translation memories (LISA OSCAR, 2005).

What dragoman knows of a unit beyond its two texts goes into `<prop type="x-…">`: document, origin, model,
score, flags and a digest of the target (see `dragoman.corpora.provenance`). Files of any size are written and
read as a stream. Dates come from the caller, so that the same bitext always gives the same bytes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import BinaryIO, NamedTuple

from lxml import etree

from dragoman.corpora.provenance import (
    flag_from_text,
    flag_to_text,
    mark_edited,
    score_from_text,
    target_digest,
)
from dragoman.corpora.xml_text import (
    XML_LANG,
    Source,
    XmlText,
    local_name,
    plain_text,
    source_name,
    stream_elements,
)
from dragoman.errors import FormatError
from dragoman.units import Bitext, Flag, TranslationUnit

_DOCTYPE = '<!DOCTYPE tmx SYSTEM "tmx14.dtd">'
_ALL_LANGUAGES = "*all*"
_MAX_PEEKED = 1000  # units looked at to find out which the target language is
_VERSION = "1"  # of what dragoman writes into a TMX, not of dragoman: equal bitexts give equal files


class TmxStream(NamedTuple):
    """A TMX file being read: its languages, its name and its units, which are read as they are asked for."""

    src_lang: str
    tgt_lang: str
    name: str
    units: Iterator[TranslationUnit]


def write_tmx(
    bitext: Bitext,
    stream: BinaryIO,
    *,
    units: Iterable[TranslationUnit] | None = None,
    created: datetime | None = None,
) -> int:
    """Write a bitext as TMX 1.4b, valid against the DTD.

    An empty side of a unit is left out; a unit without any text is written with an empty source.

    Args:
        bitext: its units are read once, in order.
        stream: binary, written to the end of the document and left open.
        units: read once in place of the bitext's own, for what does not fit into memory.
        created: date of the header, left out when None.

    Returns:
        How many characters were dropped because XML 1.0 cannot hold them.
    """
    text = XmlText()
    with etree.xmlfile(stream, encoding="UTF-8") as xml:
        xml.write_declaration()
        xml.write_doctype(_DOCTYPE)
        with xml.element("tmx", {"version": "1.4"}):
            xml.write(_header(bitext, text, created), "\n")
            with xml.element("body"):
                xml.write("\n")
                for unit in bitext.units if units is None else units:
                    xml.write(_tu(unit, bitext, text), "\n")
    stream.write(b"\n")
    return text.n_dropped


def read_tmx(source: Source, *, src_lang: str | None = None, tgt_lang: str | None = None) -> Bitext:
    """Read a whole TMX file; see `stream_tmx`."""
    stream = stream_tmx(source, src_lang=src_lang, tgt_lang=tgt_lang)
    return Bitext(tuple(stream.units), stream.src_lang, stream.tgt_lang, stream.name)


def stream_tmx(source: Source, *, src_lang: str | None = None, tgt_lang: str | None = None) -> TmxStream:
    """Read a TMX file of any size, unit by unit.

    Languages match by their primary subtag: "ar" finds "ar-EG". A unit with several targets in the language
    gives as many translation units. Inline codes (`<bpt>`, `<ph>` …) are left out of the texts, the text that
    `<hi>` marks is kept. `<note>`s become props named "note".

    Args:
        source: path or binary stream.
        src_lang: source language; by default the header's, or that of the first variant.
        tgt_lang: target language; by default the first other one in the file.

    Raises:
        InputError: the file cannot be read.
        FormatError: it is not TMX, or has no unit in the languages asked for.
    """
    name = source_name(source)
    events = stream_elements(source, "tmx", "header", "tu")
    first = next(events, None)
    if first is None or local_name(first[1]) != "tmx":
        raise FormatError(f"{name}: not a TMX file: its outermost element is not <tmx>")
    bitext_name, declared = "", ""
    seen: list[_Tu] = []
    for event, element in events:
        if event == "start":
            continue
        if local_name(element) == "header":
            declared = element.get("srclang", "").replace(_ALL_LANGUAGES, "")
            names = (plain_text(prop) for prop in element if prop.get("type") == "x-name")
            bitext_name = next(names, "")
            continue
        seen.append(_parse(element))
        src_lang = src_lang or declared or next((lang for lang, _ in seen[-1].variants), None)
        others = (lang for lang, _ in seen[-1].variants if src_lang and not _same(lang, src_lang))
        tgt_lang = tgt_lang or next(others, None)
        if (src_lang and tgt_lang) or len(seen) >= _MAX_PEEKED:
            break
    src, tgt = src_lang or declared or "ar", tgt_lang or "en"
    return TmxStream(src, tgt, bitext_name, _units(seen, events, src, tgt))


def _units(
    seen: list["_Tu"], events: Iterator[tuple[str, etree._Element]], src_lang: str, tgt_lang: str
) -> Iterator[TranslationUnit]:
    for parsed in seen:
        yield from parsed.units(src_lang, tgt_lang)
    for event, element in events:
        if event == "end" and local_name(element) == "tu":
            yield from _parse(element).units(src_lang, tgt_lang)


def _header(bitext: Bitext, text: XmlText, created: datetime | None) -> etree._Element:
    header = etree.Element(
        "header",
        {
            "creationtool": "dragoman",
            "creationtoolversion": _VERSION,
            "segtype": "sentence",
            "o-tmf": "dragoman",
            "adminlang": "en",
            "srclang": bitext.src_lang,
            "datatype": "plaintext",
        },
    )
    if created is not None:
        header.set("creationdate", created.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"))
    if bitext.name:
        _prop(header, "x-name", text(bitext.name))
    return header


def _tu(unit: TranslationUnit, bitext: Bitext, text: XmlText) -> etree._Element:
    element = etree.Element("tu")
    if unit.unit_id:
        element.set("tuid", text(unit.unit_id))
    tgt = text(unit.tgt)
    for key, value in (("x-document", unit.document), ("x-origin", unit.origin), ("x-model", unit.model)):
        if value:
            _prop(element, key, text(value))
    if unit.score is not None:
        _prop(element, "x-score", repr(unit.score))
    for flag in unit.flags:
        _prop(element, "x-flag", text(flag_to_text(flag)))
    if unit.origin in ("mt", "copy", "tm") and tgt:
        _prop(element, "x-digest", target_digest(tgt))
    for key, value in unit.props:
        if key == "note":
            etree.SubElement(element, "note").text = text(value)
        else:
            _prop(element, text(key), text(value))
    src = text(unit.src)
    if src or not tgt:
        _tuv(element, bitext.src_lang, src)
    if tgt:
        _tuv(element, bitext.tgt_lang, tgt)
    return element


def _tuv(parent: etree._Element, lang: str, text: str) -> None:
    etree.SubElement(etree.SubElement(parent, "tuv", {XML_LANG: lang}), "seg").text = text


def _prop(parent: etree._Element, key: str, value: str) -> None:
    etree.SubElement(parent, "prop", {"type": key}).text = value


class _Tu(NamedTuple):
    """A `<tu>` as it stands: all its variants, and what it says about them."""

    variants: list[tuple[str, str]]  # language, text
    unit: TranslationUnit  # without its texts
    digest: str

    def units(self, src_lang: str, tgt_lang: str) -> Iterator[TranslationUnit]:
        """Yield a unit for each target variant; none when neither language is there."""
        sources = [text for lang, text in self.variants if _same(lang, src_lang)]
        targets = [text for lang, text in self.variants if _same(lang, tgt_lang)]
        if sources or targets:
            src = sources[0] if sources else ""
            for tgt in targets or [""]:
                yield mark_edited(replace(self.unit, src=src, tgt=tgt), self.digest)


def _parse(element: etree._Element) -> _Tu:
    variants: list[tuple[str, str]] = []
    flags: list[Flag] = []
    props: list[tuple[str, str]] = []
    own = {"x-document": "", "x-origin": "", "x-model": "", "x-digest": ""}
    score = None
    for child in element:
        name, kind = local_name(child), child.get("type", "")
        if name == "tuv":
            text = next((plain_text(seg) for seg in child if local_name(seg) == "seg"), "")
            variants.append((child.get(XML_LANG) or child.get("lang") or "", text))
        elif name == "note":
            props.append(("note", plain_text(child)))
        elif name == "prop":
            value = plain_text(child)
            if kind in own and not own[kind]:
                own[kind] = value
            elif kind == "x-score" and score is None and score_from_text(value) is not None:
                score = score_from_text(value)
            elif kind == "x-flag" and (flag := flag_from_text(value)) is not None:
                flags.append(flag)
            else:
                props.append((kind, value))
    unit = TranslationUnit(
        src="",
        tgt="",
        unit_id=element.get("tuid", ""),
        document=own["x-document"],
        origin=own["x-origin"],
        model=own["x-model"],
        score=score,
        flags=tuple(flags),
        props=tuple(props),
    )
    return _Tu(variants, unit, own["x-digest"])


def _same(lang: str, other: str) -> bool:
    """Tell whether two BCP 47 codes have the same primary subtag; TMX 1.1 wrote "EN_US" too."""
    return _primary(lang) == _primary(other)


def _primary(lang: str) -> str:
    return lang.replace("_", "-").partition("-")[0].casefold()
