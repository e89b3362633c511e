"""XLIFF and TMX of other tools: what is open is filled with state and codes, what is finished stays."""

import io
import re
from pathlib import Path

import pytest
from lxml import etree

from dragoman.corpora.formats.slots import Piece, Slot, Translation, whole
from dragoman.corpora.formats.tmx import read_tmx_template
from dragoman.corpora.formats.xliff import read_xliff_template
from dragoman.corpora.provenance import Match
from dragoman.corpora.tmx import read_tmx
from dragoman.corpora.xliff import read_xliff
from dragoman.errors import FormatError
from dragoman.units import Flag, Severity

SCHEMAS = Path(__file__).parents[2] / "fixtures" / "schemas"
FLAG = Flag("number", Severity.ERROR, "12 is missing")
V12 = """<?xml version="1.0" encoding="UTF-8"?>
<!-- made by a tool -->
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="f.docx" source-language="ar"
 target-language="en" datatype="plaintext"><body>
<trans-unit id="1"><source>قالت <g id="1">BBC</g><x id="2"/> نعم</source></trans-unit>
<trans-unit id="2"><source>منته</source><target state="final">done</target></trans-unit>
<trans-unit id="3"><source>فارغ</source><target state="new"/></trans-unit>
<trans-unit id="4" translate="no"><source>ثابت</source></trans-unit>
<trans-unit id="5" approved="yes"><source>معتمد</source><target>ok</target></trans-unit>
<trans-unit id="6"><source>أول. ثان.</source><seg-source><mrk mtype="seg" mid="0">أول.</mrk> <mrk mtype="seg"
 mid="1">ثان.</mrk></seg-source><note>ملاحظة</note></trans-unit>
<trans-unit id="7"><source>نص <bpt id="1">{b}</bpt>غامق<ept id="1">{/b}</ept></source><target></target></trans-unit>
<trans-unit id="8"><source>قديم</source><target>old, without a state</target></trans-unit>
</body></file></xliff>
""".encode()
V21 = """<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="ar"><file id="f">
<unit id="u1"><segment id="s1"><source>قالت <pc id="1">BBC</pc> نعم<ph id="2"/></source></segment></unit>
<unit id="u2"><segment state="final"><source>منته</source><target>done</target></segment></unit>
<unit id="u3"><segment><source>أول.</source></segment><ignorable><source> </source></ignorable><segment
 state="initial"><source>ثان.</source></segment></unit>
</file></xliff>
""".encode()
TMX = """<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header creationtool="x" creationtoolversion="1" segtype="sentence" o-tmf="x" adminlang="en"
 srclang="ar" datatype="plaintext"/><body>
<tu tuid="1"><tuv xml:lang="ar"><seg>قالت <bpt i="1">&lt;b&gt;</bpt>BBC<ept i="1">&lt;/b&gt;</ept></seg></tuv></tu>
<tu tuid="2"><tuv xml:lang="ar"><seg>منته</seg></tuv><tuv xml:lang="en-GB"><seg>done</seg></tuv></tu>
</body></tmx>""".encode()


def schema(name: str) -> etree.XMLSchema:
    text = (SCHEMAS / name).read_text(encoding="utf-8")
    text = re.sub('schemaLocation="[^"]*xml.xsd"', f'schemaLocation="{(SCHEMAS / "xml.xsd").as_uri()}"', text)
    return etree.XMLSchema(etree.fromstring(text.encode()))


def translation(slot: Slot, tgt: str) -> Translation:
    match = Match("قالت بي بي سي نعم", "The BBC agreed", 81.5, "human")
    return Translation((Piece(0, len(slot.text), tgt),), "mt", (match,), (FLAG,))


def test_xliff_1_2_open_units_are_slots_and_finished_ones_are_not() -> None:
    template = read_xliff_template(V12, "x.xlf")
    assert [(slot.slot_id, slot.text) for slot in template.slots] == [
        ("1", "قالت BBC نعم"),
        ("3", "فارغ"),
        ("6.0", "أول."),
        ("6.1", "ثان."),
        ("7", "نص غامق"),
    ]


def test_xliff_1_2_is_filled_with_states_codes_matches_and_notes_and_stays_valid() -> None:
    template = read_xliff_template(V12, "x.xlf")
    targets = ["The BBC said yes", "Empty", "First.", "Second.", "Bold text"]
    rebuilt = template.rebuild(
        [translation(slot, tgt) for slot, tgt in zip(template.slots, targets, strict=True)]
    )
    schema("xliff-core-1.2-strict.xsd").assertValid(etree.fromstring(rebuilt.data))
    text = rebuilt.data.decode()
    assert 'The <g id="1">BBC</g> said yes<x id="2"/></target>' in text
    assert text.count('state="needs-review-translation" state-qualifier="leveraged-mt"') == 4
    assert '<mrk mtype="seg" mid="0">First.</mrk> <mrk mtype="seg" mid="1">Second.</mrk></target>' in text
    assert 'match-quality="82%"' in text and "error number: 12 is missing" in text
    for kept in (
        "<!-- made by a tool -->",
        '<target state="final">done</target>',
        "<target>ok</target>",
        "<note>ملاحظة",
    ):
        assert kept in text
    assert "<target>old, without a state</target>" in text
    units = {unit.unit_id: unit for unit in read_xliff(io.BytesIO(rebuilt.data)).units}
    assert (units["1"].tgt, units["1"].origin, units["6.1"].tgt) == ("The BBC said yes", "mt", "Second.")
    assert rebuilt.moved == (0, 4)


def test_xliff_2_1_is_filled_with_states_matches_and_notes() -> None:
    template = read_xliff_template(V21, "x.xlf")
    assert [slot.text for slot in template.slots] == ["قالت BBC نعم", "أول.", "ثان."]
    targets = ["The BBC said yes", "First.", "Second."]
    rebuilt = template.rebuild(
        [translation(slot, tgt) for slot, tgt in zip(template.slots, targets, strict=True)]
    )
    root = etree.fromstring(rebuilt.data)
    text = rebuilt.data.decode()
    assert 'The <pc id="1">BBC</pc> said yes<ph id="2"/></target>' in text
    assert 'matchQuality="81.5"' in text and 'ref="#s1"' in text
    assert root.get("trgLang") == "en"
    assert text.count('state="translated"') == 3
    for matches in root.findall(".//{urn:oasis:names:tc:xliff:matches:2.0}matches"):
        matches.getparent().remove(matches)  # type: ignore[union-attr]  # not the root; its schema is not here
    schema("xliff-core-2.0.xsd").assertValid(root)
    units = read_xliff(io.BytesIO(rebuilt.data)).units
    assert [(unit.tgt, unit.origin) for unit in units] == [
        ("The BBC said yes", "mt"),
        ("done", "human"),
        ("First.", "mt"),
        ("Second.", "mt"),
    ]


def test_tmx_units_without_a_target_get_one_with_its_codes_and_stay_valid() -> None:
    template = read_tmx_template(TMX, "x.tmx")
    assert [slot.text for slot in template.slots] == ["قالت BBC"]
    rebuilt = template.rebuild([translation(template.slots[0], "The BBC said")])
    assert etree.DTD(str(SCHEMAS / "tmx14.dtd")).validate(etree.fromstring(rebuilt.data))
    assert '<bpt i="1">&lt;b&gt;</bpt>BBC<ept i="1">&lt;/b&gt;</ept> said</seg>' in rebuilt.data.decode()
    assert [unit.tgt for unit in read_tmx(io.BytesIO(rebuilt.data)).units] == ["The BBC said", "done"]


@pytest.mark.parametrize(
    ("read", "data"), [(read_xliff_template, V12), (read_xliff_template, V21), (read_tmx_template, TMX)]
)
def test_a_file_without_translations_keeps_its_content(read: object, data: bytes) -> None:
    template = read(data, "x")  # type: ignore[operator]  # any of the readers
    before, after = (
        etree.fromstring(data),
        etree.fromstring(template.rebuild([None] * len(template.slots)).data),
    )
    after.attrib.pop("trgLang", None)
    assert etree.tostring(before, method="c14n") == etree.tostring(after, method="c14n")


@pytest.mark.parametrize("data", [b"", b"<a/>", b"<xliff>"])
def test_what_is_neither_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"x\.xlf"):
        read_xliff_template(data, "x.xlf")
    with pytest.raises(FormatError):
        read_tmx_template(data, "x.tmx")


def test_control_characters_in_a_translation_do_not_break_the_file() -> None:
    template = read_tmx_template(TMX, "x.tmx")
    etree.fromstring(template.rebuild([whole(template.slots[0], "a\x00b BBC")]).data)
