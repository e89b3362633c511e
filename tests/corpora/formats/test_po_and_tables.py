"""PO catalogues, CSV, TSV and JSON lines."""

import json

import polib
import pytest

from dragoman.corpora.formats.po import read_po
from dragoman.corpora.formats.slots import Piece, Translation, whole
from dragoman.corpora.formats.tabular import read_jsonl_table, read_table
from dragoman.errors import FormatError
from dragoman.units import Flag, Severity

PO = r"""# عنوان الملف
msgid ""
msgstr ""
"Language: ar\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

#: src/a.c:12
#, c-format
msgid "تم حفظ %d ملف\n"
msgstr ""

msgid "منته"
msgstr "done"

#, fuzzy
msgid "مبهم"
msgstr "old"

msgctxt "menu"
msgid "ملف"
msgid_plural "ملفات"
msgstr[0] ""
msgstr[1] ""

#~ msgid "قديم"
#~ msgstr "obsolete"
"""


def test_po_open_entries_are_filled_marked_fuzzy_and_annotated() -> None:
    template = read_po(PO.encode(), "x.po")
    assert [slot.text for slot in template.slots] == ["تم حفظ %d ملف", "مبهم", "ملف"]
    flag = Flag("placeholder", Severity.ERROR, "%d is missing")
    first = Translation((Piece(0, 13, "Files saved"),), "mt", (), (flag,))
    rebuilt = template.rebuild(
        [first, whole(template.slots[1], "vague", origin="human"), whole(template.slots[2], "file")]
    )
    again = polib.pofile(rebuilt.data.decode())
    entries = {entry.msgid: entry for entry in again}
    saved = entries["تم حفظ %d ملف\n"]
    assert (saved.msgstr, sorted(saved.flags)) == ("Files saved\n", ["c-format", "fuzzy"])
    assert saved.tcomment == "dragoman: error placeholder: %d is missing"
    assert saved.occurrences == [("src/a.c", "12")]
    assert entries["منته"].msgstr == "done"
    assert entries["ملف"].msgstr_plural == {0: "file", 1: "file"}
    assert [entry.msgid for entry in again.obsolete_entries()] == ["قديم"]
    assert again.metadata["Language"] == "en"


@pytest.mark.parametrize("text", ["نص فقط", 'msgid "غير مغلق\nmsgstr'])
def test_what_is_no_catalogue_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match=r"x\.po: not a PO catalogue"):
        read_po(text.encode(), "x.po")


def test_csv_gets_a_column_beside_its_text_and_filled_cells_stay() -> None:
    data = '\ufeffid,text,note\r\n1,"نعم, ""طبعا""",x\r\n2,,y\r\n3,لا,z\r\n'.encode()
    template = read_table(data, "x.csv")
    assert [slot.text for slot in template.slots] == ['نعم, "طبعا"', "لا"]
    rebuilt = template.rebuild([whole(slot, f'T{i}, "q"') for i, slot in enumerate(template.slots)]).data
    expected = (
        '\ufeffid,text,note,text_en\r\n1,"نعم, ""طبعا""",x,"T0, ""q"""\r\n2,,y\r\n3,لا,z,"T1, ""q"""\r\n'
    )
    assert rebuilt.decode() == expected
    again = read_table(rebuilt, "x.csv", target="text_en")
    assert list(again.slots) == []


def test_tsv_with_a_target_column_is_filled_in_place() -> None:
    template = read_table("source\ttarget\nنعم\t\nلا\tno\n".encode(), "x.tsv")
    assert [slot.text for slot in template.slots] == ["نعم"]
    assert (
        template.rebuild([whole(template.slots[0], "yes")]).data.decode()
        == "source\ttarget\nنعم\tyes\nلا\tno\n"
    )


def test_a_text_column_that_cannot_be_told_is_asked_for() -> None:
    with pytest.raises(FormatError, match="--source-column"):
        read_table("a,b\nنعم,x\n".encode(), "x.csv")
    with pytest.raises(FormatError, match="no column 'c'"):
        read_table("a,b\nنعم,x\n".encode(), "x.csv", source="c")
    assert len(read_table("a,b\nنعم,x\n".encode(), "x.csv", source="a").slots) == 1


def test_jsonl_gets_a_field_and_keeps_all_others_in_order() -> None:
    rows = [{"id": 7, "text": "نعم", "n": {"a": [1]}}, {"text": "لا", "text_en": "no"}, {"x": None}]
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    template = read_jsonl_table(data, "x.jsonl")
    assert [(slot.slot_id, slot.text) for slot in template.slots] == [("7", "نعم")]
    lines = template.rebuild([whole(template.slots[0], "yes")]).data.decode().split("\n")
    assert lines[0] == '{"id": 7, "text": "نعم", "n": {"a": [1]}, "text_en": "yes"}'
    assert json.loads(lines[1]) == rows[1]


@pytest.mark.parametrize("data", [b"", b"{", b"[1]\n", b'{"x": 1}\n'])
def test_broken_tables_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"x\.jsonl"):
        read_jsonl_table(data, "x.jsonl")
