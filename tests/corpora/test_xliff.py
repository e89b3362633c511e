"""XLIFF 1.2: valid against the strict schema, states that CAT tools understand, edits recognised."""

import io
import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dragoman.corpora.provenance import Match
from dragoman.corpora.xliff import read_xliff, write_xliff
from dragoman.corpora.xml_text import legal
from dragoman.errors import FormatError
from dragoman.units import Bitext, Flag, Severity, TranslationUnit

SCHEMAS = Path(__file__).parents[1] / "fixtures" / "schemas"
NS = "{urn:oasis:names:tc:xliff:document:1.2}"
UNIT = TranslationUnit(
    "قال «أحمد» <b>نعم</b> & لا",
    "Ahmed said “yes” & no",
    "s-1",
    "a.txt",
    "mt",
    "starter",
    -0.25,
    (Flag("number", Severity.ERROR, "12 is missing"),),
    (("x client", "نبأ"), ("note", "ask: the editor")),
)

texts = st.text(max_size=40).map(legal)
words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), max_size=12).map(legal)
units = st.builds(
    TranslationUnit,
    src=texts,
    tgt=texts.filter(bool),
    unit_id=words.filter(bool),
    document=words.filter(bool),
    origin=st.sampled_from(["mt", "copy", "tm", "human", "aligned"]),
    model=words,
    score=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    flags=st.lists(st.builds(Flag, st.just("number"), st.sampled_from(Severity), words), max_size=2).map(
        tuple
    ),
    props=st.lists(st.tuples(st.text(max_size=5).map(legal), texts), max_size=3).map(tuple),
)


def schema(name: str) -> etree.XMLSchema:
    """Read a schema; it imports the copy of xml.xsd beside it instead of the one in the network."""
    text = (SCHEMAS / name).read_text(encoding="utf-8")
    text = re.sub('schemaLocation="[^"]*xml.xsd"', f'schemaLocation="{(SCHEMAS / "xml.xsd").as_uri()}"', text)
    return etree.XMLSchema(etree.fromstring(text.encode()))


STRICT = schema("xliff-core-1.2-strict.xsd")


def written(bitext: Bitext, **options: object) -> bytes:
    stream = io.BytesIO()
    write_xliff(bitext, stream, original="article.txt", **options)  # type: ignore[arg-type]  # passed through
    return stream.getvalue()


def validate(data: bytes) -> None:
    STRICT.assertValid(etree.fromstring(data))


def targets(data: bytes) -> list[dict[str, str]]:
    return [dict(target.attrib) for target in ElementTree.fromstring(data).iter(f"{NS}target")]


@given(st.lists(units, max_size=5), words)
def test_what_is_written_is_valid_and_read_back_as_it_was(some: list[TranslationUnit], name: str) -> None:
    bitext = Bitext(tuple(some), name=name)
    data = written(bitext)
    validate(data)
    again = read_xliff(io.BytesIO(data))
    assert [_notes_last(unit) for unit in again.units] == [_notes_last(unit) for unit in some]
    assert not some or again.name == name


def _notes_last(unit: TranslationUnit) -> tuple[object, ...]:
    props = sorted(unit.props, key=lambda pair: pair[0] == "note")
    return (
        unit.src,
        unit.tgt,
        unit.unit_id,
        unit.document,
        unit.origin,
        unit.model,
        unit.score,
        unit.flags,
        props,
    )


@pytest.mark.parametrize(
    ("origin", "state", "qualifier"),
    [
        ("mt", "needs-review-translation", "leveraged-mt"),
        ("tm", "translated", "exact-match"),
        ("copy", "translated", None),
        ("human", "final", None),
    ],
)
def test_the_state_of_a_target_says_who_made_it(origin: str, state: str, qualifier: str | None) -> None:
    (target,) = targets(written(Bitext((TranslationUnit("نص", "text", origin=origin),))))
    assert (target["state"], target.get("state-qualifier")) == (state, qualifier)


def test_a_unit_without_a_translation_has_no_target() -> None:
    data = written(Bitext((TranslationUnit("نص", ""),)))
    validate(data)
    assert targets(data) == []
    assert read_xliff(io.BytesIO(data)).units[0].tgt == ""


def test_fuzzy_matches_are_offered_and_never_inserted() -> None:
    data = written(Bitext((TranslationUnit("نص", ""),)), matches={0: [Match("نصوص", "texts", 86.4, "human")]})
    validate(data)
    root = ElementTree.fromstring(data)
    unit = root.find(f".//{NS}trans-unit")
    alt = root.find(f".//{NS}alt-trans")
    assert unit is not None and unit.find(f"{NS}target") is None
    assert alt is not None and alt.get("match-quality") == "86%" and alt.findtext(f"{NS}target") == "texts"


def test_flags_are_notes_on_the_target_and_dates_come_from_the_caller() -> None:
    data = written(Bitext((UNIT,)), created=datetime(2026, 1, 2, tzinfo=UTC))
    validate(data)
    root = ElementTree.fromstring(data)
    note = root.find(f".//{NS}note")
    assert note is not None and note.text == "error number: 12 is missing"
    assert (note.get("annotates"), note.get("priority")) == ("target", "1")
    file = root.find(f"{NS}file")
    assert file is not None and file.get("date") == "2026-01-02T00:00:00Z"


def test_each_document_is_a_file_and_ids_are_unique() -> None:
    data = written(Bitext(tuple(TranslationUnit("نص", "text", document=name) for name in "aabbb")))
    validate(data)
    root = ElementTree.fromstring(data)
    assert [file.get("original") for file in root.findall(f"{NS}file")] == ["a", "b"]
    assert len({unit.get("id") for unit in root.iter(f"{NS}trans-unit")}) == 5


def test_an_empty_bitext_is_valid() -> None:
    validate(written(Bitext(())))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Ahmed said", "Ahmad said"),
        ('state="needs-review-translation" state-qualifier="leveraged-mt"', 'state="translated"'),
        ('resname="s-1"', 'resname="s-1" approved="yes"'),
    ],
)
def test_a_target_that_a_translator_changed_or_confirmed_is_a_persons(before: str, after: str) -> None:
    data = written(Bitext((UNIT,))).decode()
    assert before in data
    assert read_xliff(io.BytesIO(data.replace(before, after).encode())).units[0].origin == "human"


def test_another_tools_file_is_read_segment_by_segment_with_inline_codes_left_out() -> None:
    data = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2" xmlns:m="urn:x">
<file original="f.docx"
 source-language="ar-SA" target-language="en-US" datatype="x-docx"><body><group id="g"><trans-unit id="7"
 m:a="b">
<source><g id="1">أهلا</g><x id="2"/> بكم. نعم.</source>
<seg-source><mrk mtype="seg" mid="0"><g id="1">أهلا</g><x id="2"/> بكم.</mrk>
<mrk mtype="seg" mid="1">نعم.</mrk></seg-source>
<target><mrk mtype="seg" mid="0"><g id="1">Hi</g><ph id="2">{0}</ph> all.</mrk>
<mrk mtype="seg" mid="1">Yes.</mrk></target>
<note>greeting</note></trans-unit></group></body></file></xliff>"""
    bitext = read_xliff(io.BytesIO(data.encode()))
    assert (bitext.src_lang, bitext.tgt_lang) == ("ar-SA", "en-US")
    assert [(unit.unit_id, unit.src, unit.tgt) for unit in bitext.units] == [
        ("7.0", "أهلا بكم.", "Hi all."),
        ("7.1", "نعم.", "Yes."),
    ]
    assert bitext.units[0].props == (("note", "greeting"),)


def test_xliff_2_is_read_too() -> None:
    data = """<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="ar" trgLang="en">
<file id="f" original="a.txt"><unit id="u1"><notes><note>n</note></notes>
<segment id="s1" state="reviewed"><source>أهلا <pc id="1">بكم</pc></source>
<target>Hi <pc id="1">all</pc></target></segment><ignorable><source> </source></ignorable>
<segment id="s2"><source>نعم<cp hex="0001"/></source></segment></unit></file></xliff>"""
    bitext = read_xliff(io.BytesIO(data.encode()))
    assert [(unit.unit_id, unit.src, unit.tgt, unit.origin) for unit in bitext.units] == [
        ("u1.s1", "أهلا بكم", "Hi all", "human"),
        ("u1.s2", "نعم\x01", "", ""),
    ]


def test_files_of_two_language_pairs_are_refused() -> None:
    one = '<file original="a" source-language="ar" target-language="{}" datatype="plaintext"><body/></file>'
    data = f'<xliff version="1.2" xmlns="{NS[1:-1]}">{one.format("en")}{one.format("fr")}</xliff>'
    with pytest.raises(FormatError, match="different languages"):
        read_xliff(io.BytesIO(data.encode()))


@pytest.mark.parametrize("damaged", [b"u{rn:oasis", b"urn:}oasis", b"{"])
def test_a_namespace_with_a_brace_in_its_name_is_refused(damaged: bytes) -> None:
    with pytest.raises(FormatError):
        read_xliff(io.BytesIO(written(Bitext((UNIT,))).replace(b"urn:oasis", damaged)))
