"""XLIFF 1.2 (OASIS Standard, 2008): what CAT tools open, with the state of every target.

The file is valid against the strict schema, so no tool meets attributes it does not know. States: machine
translation needs review (`needs-review-translation`, `leveraged-mt`), an exact match of a translation memory
is translated, a person's target is final. What else dragoman knows goes into a `<context-group>`, flags are
`<note>`s, fuzzy matches are `<alt-trans>`. A target that was edited since is read as a person's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, groupby
from typing import BinaryIO
from urllib.parse import quote, unquote

from lxml import etree

from dragoman.corpora.provenance import (
    HUMAN,
    Match,
    flag_from_text,
    flag_to_text,
    mark_edited,
    score_from_text,
    target_digest,
)
from dragoman.corpora.xml_text import (
    XML_LANG,
    XML_SPACE,
    Source,
    XmlText,
    local_name,
    plain_text,
    source_name,
    stream_elements,
)
from dragoman.errors import FormatError
from dragoman.units import Bitext, Flag, Severity, TranslationUnit

NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
TOOL = "dragoman"
# origin → state and state-qualifier of the target
STATES: dict[str, tuple[str, str]] = {
    "mt": ("needs-review-translation", "leveraged-mt"),
    "tm": ("translated", "exact-match"),
    "copy": ("translated", ""),
    HUMAN: ("final", ""),
    "aligned": ("needs-review-translation", "leveraged-repository"),
}
_FINISHED = frozenset({"final", "signed-off", "translated"})
_PRIORITY = {Severity.ERROR: "1", Severity.WARNING: "3", Severity.INFO: "10"}


def write_xliff(
    bitext: Bitext,
    stream: BinaryIO,
    *,
    original: str,
    matches: Mapping[int, Sequence[Match]] | None = None,
    created: datetime | None = None,
) -> int:
    """Write a bitext as XLIFF 1.2, a `<file>` for each run of units of one document.

    Args:
        bitext: its units are read once, in order.
        stream: binary, written to the end of the document and left open.
        original: name of the source document, for units that name none.
        matches: fuzzy matches of a translation memory by the unit's index, offered as `<alt-trans>`.
        created: date of the files, left out when None.

    Returns:
        How many characters were dropped because XML 1.0 cannot hold them.
    """
    text = XmlText()
    matches = matches or {}
    with etree.xmlfile(stream, encoding="UTF-8") as xml:
        xml.write_declaration()
        with xml.element(_tag("xliff"), {"version": "1.2"}, nsmap={None: NAMESPACE}):
            xml.write("\n")
            numbered = enumerate(bitext.units)
            for document, units in _by_document(numbered):
                attributes = {
                    "original": text(document or original),
                    "source-language": bitext.src_lang,
                    "target-language": bitext.tgt_lang,
                    "datatype": "plaintext",
                }
                if bitext.name:
                    attributes["product-name"] = text(bitext.name)
                if created is not None:
                    attributes["date"] = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                with xml.element(_tag("file"), attributes):
                    xml.write(_header(), "\n")
                    with xml.element(_tag("body")):
                        xml.write("\n")
                        for index, unit in units:
                            xml.write(_trans_unit(index, unit, bitext, matches.get(index, ()), text), "\n")
                xml.write("\n")
    stream.write(b"\n")
    return text.n_dropped


def read_xliff(source: Source) -> Bitext:
    """Read an XLIFF file, 1.2 or 2.x, of any tool.

    Inline codes are left out of the texts, what they enclose is kept. A unit that its tool has segmented
    (`<seg-source>`) gives a translation unit a segment. A target that differs from what dragoman wrote, or
    that its tool calls approved or final, is of origin "human". Notes of others become props named "note".

    Raises:
        InputError: the file cannot be read.
        FormatError: it is not XLIFF, or its files are in different languages.
    """
    name = source_name(source)
    events = stream_elements(source, "xliff", "file", "trans-unit", "unit")
    first = next(events, None)
    if first is None or local_name(first[1]) != "xliff":
        raise FormatError(f"{name}: not an XLIFF file: its outermost element is not <xliff>")
    root = first[1]
    version = root.get("version", "1.2")
    languages = {(root.get("srcLang", ""), root.get("trgLang", ""))} if version.startswith("2") else set()
    bitext_name, document = "", ""
    units: list[TranslationUnit] = []
    for event, element in events:
        kind = local_name(element)
        if event == "start" and kind == "file":
            document = element.get("original", "")
            if not version.startswith("2"):
                languages.add((element.get("source-language", ""), element.get("target-language", "")))
        elif event == "end" and kind == "trans-unit":
            units.extend(_read_trans_unit(element, document))
        elif event == "end" and kind == "unit" and version.startswith("2"):
            units.extend(_read_unit_of_2(element, document))
        elif event == "end" and kind == "file":
            bitext_name = bitext_name or element.get("product-name", "")
    sources = {src for src, _ in languages if src}
    targets = {tgt for _, tgt in languages if tgt}
    if len(sources) > 1 or len(targets) > 1:
        pairs = ", ".join(sorted(f"{src}-{tgt}" for src, tgt in languages))
        raise FormatError(
            f"{name}: files of different languages in one XLIFF ({pairs}); split it by language"
        )
    return Bitext(tuple(units), next(iter(sources), "ar"), next(iter(targets), "en"), bitext_name)


_Numbered = Iterator[tuple[int, TranslationUnit]]


def _by_document(numbered: _Numbered) -> Iterator[tuple[str, _Numbered]]:
    """Group runs of units of one document; one empty group when there are no units, as a file is required."""
    first = next(numbered, None)
    if first is None:
        yield "", iter(())
        return
    yield from groupby(chain((first,), numbered), key=lambda pair: pair[1].document)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _header() -> etree._Element:
    header = etree.Element(_tag("header"), nsmap={None: NAMESPACE})
    etree.SubElement(header, _tag("tool"), {"tool-id": TOOL, "tool-name": TOOL})
    return header


def _trans_unit(
    index: int, unit: TranslationUnit, bitext: Bitext, matches: Iterable[Match], text: XmlText
) -> etree._Element:
    attributes = {"id": str(index + 1), XML_SPACE: "preserve"}
    if unit.unit_id:
        attributes["resname"] = text(unit.unit_id)
    if unit.origin == HUMAN and unit.tgt:
        attributes["approved"] = "yes"
    element = etree.Element(_tag("trans-unit"), attributes, nsmap={None: NAMESPACE})
    source = etree.SubElement(element, _tag("source"), {XML_LANG: bitext.src_lang})
    source.text = text(unit.src)
    tgt = text(unit.tgt)
    if tgt:
        state, qualifier = STATES.get(unit.origin, ("needs-review-translation", ""))
        target = etree.SubElement(element, _tag("target"), {XML_LANG: bitext.tgt_lang, "state": state})
        if qualifier:
            target.set("state-qualifier", qualifier)
        target.text = tgt
    contexts = _contexts(unit, tgt)
    if contexts:
        group = etree.SubElement(
            element, _tag("context-group"), {"name": f"{TOOL} {index + 1}", "purpose": "information"}
        )
        for kind, value in contexts:
            etree.SubElement(group, _tag("context"), {"context-type": kind}).text = text(value)
    for flag in unit.flags:
        note = etree.SubElement(element, _tag("note"), {"from": TOOL, "annotates": "target"})
        note.set("priority", _PRIORITY[flag.severity])
        note.text = text(flag_to_text(flag))
    for key, value in unit.props:
        if key == "note":
            etree.SubElement(element, _tag("note")).text = text(value)
    for match in matches:
        alt = etree.SubElement(element, _tag("alt-trans"), {"match-quality": f"{match.similarity:.0f}%"})
        alt.set("origin", text(match.origin or "tm"))
        etree.SubElement(alt, _tag("source"), {XML_LANG: bitext.src_lang}).text = text(match.src)
        etree.SubElement(alt, _tag("target"), {XML_LANG: bitext.tgt_lang}).text = text(match.tgt)
    return element


def _contexts(unit: TranslationUnit, tgt: str) -> list[tuple[str, str]]:
    """Return what goes into the context group; a context type is "x-" and no white space."""
    contexts = [
        (f"x-{key}", value) for key, value in (("origin", unit.origin), ("model", unit.model)) if value
    ]
    if unit.score is not None:
        contexts.append(("x-score", repr(unit.score)))
    if unit.origin in ("mt", "copy", "tm") and tgt:
        contexts.append(("x-digest", target_digest(tgt)))
    contexts += [(f"x-prop-{quote(key, safe='')}", value) for key, value in unit.props if key != "note"]
    return contexts


def _read_trans_unit(element: etree._Element, document: str) -> Iterator[TranslationUnit]:
    source, target, segmented = (_child(element, name) for name in ("source", "target", "seg-source"))
    own: dict[str, str] = {}
    flags: list[Flag] = []
    props: list[tuple[str, str]] = []
    for child in element:
        kind = local_name(child)
        if kind == "context-group":
            ours = (child.get("name") or "").split(" ")[0] == TOOL
            for context in child:
                key, value = context.get("context-type", ""), context.text or ""
                if ours and key.startswith("x-prop-"):
                    props.append((unquote(key.removeprefix("x-prop-")), value))
                elif ours:
                    own[key.removeprefix("x-")] = value
                else:
                    props.append((key, value))
        elif kind == "note":
            flag = flag_from_text(child.text or "") if child.get("from") == TOOL else None
            if flag is not None:
                flags.append(flag)
            else:
                props.append(("note", child.text or ""))
    unit_id = element.get("resname") or element.get("id") or ""
    unit = TranslationUnit(
        src=plain_text(source),
        tgt=plain_text(target),
        unit_id=unit_id,
        document=document,
        origin=_origin(element, target, own),
        model=own.get("model", ""),
        score=score_from_text(own.get("score", "")),
        flags=tuple(flags),
        props=tuple(props),
    )
    segments = _segment_pairs(segmented, target)
    if segments:
        for mid, src, tgt in segments:
            yield TranslationUnit(src, tgt, f"{unit_id}.{mid}", document, unit.origin, props=unit.props)
    else:
        yield mark_edited(unit, own.get("digest", ""))


def _origin(element: etree._Element, target: etree._Element | None, own: Mapping[str, str]) -> str:
    """Tell who made a target: what its tool says last counts more than what was written first."""
    if target is None:
        return ""
    state, qualifier = target.get("state", ""), target.get("state-qualifier", "")
    wrote = own.get("origin", "")
    if element.get("approved") == "yes" or state in ("final", "signed-off"):
        return HUMAN
    if state in _FINISHED and STATES.get(wrote, ("", ""))[0] != state:
        return HUMAN  # a person has moved it on
    if wrote or not qualifier:
        return wrote
    return "mt" if qualifier == "leveraged-mt" else "tm"


def _segment_pairs(
    segmented: etree._Element | None, target: etree._Element | None
) -> list[tuple[str, str, str]]:
    """Return (mid, source, target) of a segmented unit; empty when its sides are not segmented alike."""
    if segmented is None:
        return []
    sides = []
    for side in (segmented, target):
        marks = (
            []
            if side is None
            else [m for m in side.iter() if local_name(m) == "mrk" and m.get("mtype") == "seg"]
        )
        sides.append({mark.get("mid", ""): plain_text(mark) for mark in marks})
    src, tgt = sides
    if not src or (target is not None and plain_text(target) and src.keys() != tgt.keys()):
        return []
    return [(mid, text, tgt.get(mid, "")) for mid, text in src.items()]


def _read_unit_of_2(element: etree._Element, document: str) -> Iterator[TranslationUnit]:
    """Yield the segments of a `<unit>` of XLIFF 2; `<ignorable>` holds no text to translate."""
    segments = [child for child in element if local_name(child) == "segment"]
    notes = [note for child in element if local_name(child) == "notes" for note in child]
    props = tuple(("note", plain_text(note)) for note in notes if flag_from_text(plain_text(note)) is None)
    flags = tuple(flag for note in notes if (flag := flag_from_text(plain_text(note))) is not None)
    for index, segment in enumerate(segments):
        target = _child(segment, "target")
        state, detail = segment.get("state", "initial"), segment.get("subState", "")
        origin = ""
        if target is not None and plain_text(target):
            origin = (
                HUMAN if state in ("reviewed", "final") else detail.removeprefix(f"{TOOL}:") if detail else ""
            )
        unit_id = element.get("id", "")
        yield TranslationUnit(
            src=plain_text(_child(segment, "source")),
            tgt=plain_text(target),
            unit_id=unit_id if len(segments) == 1 else f"{unit_id}.{segment.get('id') or index + 1}",
            document=document,
            origin=origin,
            flags=flags if len(segments) == 1 else (),
            props=props,
        )


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in element if local_name(child) == name), None)
