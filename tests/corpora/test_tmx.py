"""TMX: valid against the DTD, read back whole by us and by a reader that is not ours."""

import io
import resource
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dragoman.corpora.tmx import read_tmx, stream_tmx, write_tmx
from dragoman.corpora.xml_text import legal
from dragoman.errors import FormatError, InputError
from dragoman.units import Bitext, Flag, Severity, TranslationUnit

SCHEMAS = Path(__file__).parents[1] / "fixtures" / "schemas"
XML = "{http://www.w3.org/XML/1998/namespace}"
UNIT = TranslationUnit(
    src="قال «أحمد» <b>نعم</b> & لا",
    tgt="Ahmed said “yes” <b>&</b> no",
    unit_id="s-1",
    document="news/a.txt",
    origin="mt",
    model="starter-ar-en@1",
    score=-0.25,
    flags=(Flag("number", Severity.ERROR, "12 is missing"),),
    props=(("x-client", "نبأ"), ("note", "ask: the editor")),
)

texts = st.text(max_size=40).map(legal)
words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), max_size=12).map(legal)
flags = st.builds(
    Flag,
    st.sampled_from(["number", "url", "logprob-low"]),
    st.sampled_from(Severity),
    st.text(st.characters(categories=("L", "N", "Zs")), max_size=20).map(legal),
)
units = st.builds(
    TranslationUnit,
    src=texts,
    tgt=texts,
    unit_id=words,
    document=words,
    origin=st.sampled_from(["", "mt", "copy", "tm", "human", "aligned"]),
    model=words,
    score=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    flags=st.lists(flags, max_size=3).map(tuple),
    props=st.lists(st.tuples(words.map(lambda word: f"x-p-{word}"), texts), max_size=3).map(tuple),
)


def written(bitext: Bitext, created: datetime | None = None) -> bytes:
    stream = io.BytesIO()
    write_tmx(bitext, stream, created=created)
    return stream.getvalue()


def validate(data: bytes) -> None:
    dtd = etree.DTD(str(SCHEMAS / "tmx14.dtd"))
    assert dtd.validate(etree.fromstring(data)), dtd.error_log


@given(st.lists(units, max_size=5), words)
def test_what_is_written_is_valid_and_read_back_as_it_was(some: list[TranslationUnit], name: str) -> None:
    bitext = Bitext(tuple(some), name=name)
    data = written(bitext)
    validate(data)
    assert read_tmx(io.BytesIO(data), src_lang="ar", tgt_lang="en") == bitext


def test_a_reader_of_the_standard_library_finds_header_texts_and_properties() -> None:
    data = written(Bitext((UNIT,), name="demo"), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    root = ElementTree.fromstring(data)
    header, unit = root.find("header"), root.find("body/tu")
    assert header is not None and unit is not None
    required = ("creationtool", "creationtoolversion", "segtype", "o-tmf", "adminlang", "srclang", "datatype")
    assert all(header.get(name) for name in required)
    assert header.get("creationdate") == "20260102T030405Z"
    assert {tuv.get(f"{XML}lang"): tuv.findtext("seg") for tuv in unit.findall("tuv")} == {
        "ar": UNIT.src,
        "en": UNIT.tgt,
    }
    props = {prop.get("type"): prop.text for prop in unit.findall("prop")}
    assert props["x-model"] == "starter-ar-en@1"
    assert props["x-score"] == "-0.25"
    assert props["x-document"] == "news/a.txt"
    assert props["x-flag"] == "error number: 12 is missing"


def test_equal_bitexts_give_equal_bytes() -> None:
    assert written(Bitext((UNIT,))) == written(Bitext((UNIT,)))


def test_characters_that_xml_cannot_hold_are_dropped_and_counted_and_bidi_controls_stay() -> None:
    stream = io.BytesIO()
    bitext = Bitext((TranslationUnit("أ\x00ب\u202e\ufffe\ud800", "a\x0b\u2067b\r\n\U0001f600"),))
    assert write_tmx(bitext, stream) == 4
    unit = read_tmx(io.BytesIO(stream.getvalue())).units[0]
    assert (unit.src, unit.tgt) == ("أب\u202e", "a\u2067b\r\n\U0001f600")


def test_an_empty_side_is_left_out() -> None:
    data = written(Bitext((TranslationUnit("نص", ""), TranslationUnit("", "text"), TranslationUnit("", ""))))
    validate(data)
    assert data.count(b"<tuv") == 3
    assert [(unit.src, unit.tgt) for unit in read_tmx(io.BytesIO(data)).units] == [
        ("نص", ""),
        ("", "text"),
        ("", ""),
    ]


def test_a_target_that_was_edited_since_is_a_persons() -> None:
    data = written(Bitext((UNIT,))).replace(b"Ahmed said", b"Ahmad said")
    unit = read_tmx(io.BytesIO(data)).units[0]
    assert (unit.origin, unit.flags, unit.score, unit.model) == ("human", (), None, UNIT.model)


def test_another_tools_file_is_read_with_its_inline_codes_left_out() -> None:
    data = """<?xml version="1.0" encoding="UTF-16"?>
<!DOCTYPE tmx SYSTEM "tmx11.dtd">
<tmx version="1.1"><header creationtool="OmegaT" creationtoolversion="3.6" segtype="sentence" o-tmf="OmegaT
TMX"
 adminlang="EN-US" srclang="*all*" datatype="plaintext"></header><body>
<tu><note>from the client</note><prop type="project">x</prop>
 <tuv lang="EN-US"><seg>The <bpt i="0">&lt;b&gt;</bpt>big<ept
 i="0">&lt;/b&gt;</ept> <hi>house</hi><ph/></seg></tuv>
 <tuv lang="FR"><seg>La grande maison</seg></tuv>
 <tuv lang="ar-EG"
 creationid="omar"><seg>البيت <bpt i="0">&lt;b&gt;</bpt>الكبير<ept i="0">&lt;/b&gt;</ept></seg></tuv> <tuv
 lang="EN-GB"><seg>The large house</seg></tuv></tu>
<tu><tuv lang="FR"><seg>seul</seg></tuv></tu>
</body></tmx>""".encode("utf-16")
    bitext = read_tmx(io.BytesIO(data), src_lang="ar", tgt_lang="en")
    assert [(unit.src, unit.tgt) for unit in bitext.units] == [
        ("البيت الكبير", "The big house"),
        ("البيت الكبير", "The large house"),
    ]
    assert bitext.units[0].props == (("note", "from the client"), ("project", "x"))


def test_languages_come_from_the_file_when_none_are_asked_for() -> None:
    data = written(Bitext((TranslationUnit("seul", ""), TranslationUnit("a", "b")), "fr", "de"))
    bitext = read_tmx(io.BytesIO(data))
    assert (bitext.src_lang, bitext.tgt_lang) == ("fr", "de")
    assert bitext.units[1].tgt == "b"


@pytest.mark.parametrize("data", [b"", b"plain text", b"<html/>", b"<tmx version='1.4'><body><tu>"])
def test_what_is_no_tmx_is_refused_by_name(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.tmx"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"x\.tmx"):
        read_tmx(path)
    with pytest.raises(InputError, match=r"gone\.tmx"):
        read_tmx(tmp_path / "gone.tmx")


def test_entities_are_not_expanded_and_no_file_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("password", encoding="utf-8")
    data = f"""<!DOCTYPE tmx [
<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "{secret.as_uri()}">]>
<tmx version="1.4"><header srclang="ar"/><body><tu><tuv
xml:lang="ar"><seg>&b;&c;</seg></tuv></tu></body></tmx>"""
    assert read_tmx(io.BytesIO(data.encode())).units[0].src == "&b;&c;"


class _Many(Sequence[TranslationUnit]):
    """Units made on demand: a bitext that does not fit into memory."""

    def __init__(self, n_units: int) -> None:
        self.n_units = n_units

    def __len__(self) -> int:
        return self.n_units

    def __getitem__(self, index: object) -> TranslationUnit:  # type: ignore[override]  # iteration only
        raise NotImplementedError

    def __iter__(self) -> Iterator[TranslationUnit]:
        for index in range(self.n_units):
            yield TranslationUnit(f"{index} " + "نص طويل " * 40, "a long text " * 40)


def test_memory_stays_flat_over_a_large_file(tmp_path: Path) -> None:
    path = tmp_path / "large.tmx"
    with path.open("wb") as stream:
        write_tmx(Bitext(_Many(40_000)), stream)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(1 for _ in stream_tmx(path).units) == 40_000
    assert path.stat().st_size > 40e6
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # KiB


@pytest.mark.parametrize("tail", ['<prop type="x', '<prop type="x-document">', "<tuv>&unknown;"])
def test_a_file_that_breaks_off_is_refused_in_one_line(tail: str) -> None:
    data = written(Bitext((UNIT,))).replace(b"</body></tmx>", b"")
    cut = data[: data.rindex(b"</tu>") + 5] + b'\n<tu tuid="s4">' + tail.encode()
    with pytest.raises(FormatError) as caught:
        read_tmx(io.BytesIO(cut))
    assert "\n" not in str(caught.value)
