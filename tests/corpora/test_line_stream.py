"""A file with a segment a line: as many lines come out as go in, whatever its encoding or damage."""

import codecs
from pathlib import Path

import pytest

from dragoman.corpora.line_stream import read_lines
from dragoman.errors import LanguageError, NoTextError
from dragoman.units import Notice

LINE = "وصل الوزير إلى المدينة يوم الاثنين وقال إن العمل بدأ"
TEXT = f"{LINE}\n\n{LINE} اليوم\n"
EXPECTED = [LINE, "", f"{LINE} اليوم"]


def lines_of(data: bytes, tmp_path: Path, name: str = "in.txt") -> tuple[list[str], list[Notice]]:
    (tmp_path / name).write_bytes(data)
    notices: list[Notice] = []
    return list(read_lines(tmp_path / name, notify=notices.append)), notices


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("cp1256"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.rstrip().encode(),
        TEXT.encode().decode("latin-1").encode(),
        f"{LINE}\n\n".encode() + f"{LINE} اليوم\n".encode("cp1256"),
    ],
)
def test_the_lines_are_the_same_in_any_encoding(data: bytes, tmp_path: Path) -> None:
    assert lines_of(data, tmp_path)[0] == EXPECTED


def test_what_was_seen_in_decoding_is_told(tmp_path: Path) -> None:
    damaged = TEXT.encode().replace(b"\n\n", b"\xd9\x00\n\n")
    lines, notices = lines_of(damaged, tmp_path)
    assert lines == [f"{LINE}\ufffd", *EXPECTED[1:]]
    assert [notice.kind for notice in notices] == ["replaced-bytes", "nul-characters"]


def test_damage_far_into_a_large_file_is_told_as_well(tmp_path: Path) -> None:
    good = f"{LINE}\n".encode() * 30_000
    lines, notices = lines_of(good + b"\xff\n" + good + b"\xfe\n" + good, tmp_path)
    assert len(lines) == 90_002
    assert [notice.kind for notice in notices] == ["replaced-bytes", "replaced-bytes"]
    assert "later" in notices[1].message


def test_separators_inside_a_line_are_spaces_so_that_the_lines_stay_in_step(tmp_path: Path) -> None:
    assert lines_of(f"{LINE}\u2028{LINE}\x0c\n{LINE}\n".encode(), tmp_path)[0] == [f"{LINE} {LINE} ", LINE]


def test_of_a_page_the_main_text_is_taken(tmp_path: Path) -> None:
    page = f"<html><body><nav>الرئيسية</nav><p>{LINE}.</p><p>{LINE} أيضا.</p></body></html>"
    lines, notices = lines_of(page.encode(), tmp_path, "page.html")
    assert lines == [f"{LINE}.", f"{LINE} أيضا."]
    assert "1 lines set apart" in notices[-1].message


def test_without_text_or_letters_a_file_is_refused(tmp_path: Path) -> None:
    for data in (b"", b" \n\t\n", "\u200b\n\u3000\n".encode()):
        with pytest.raises(NoTextError, match="no text in"):
            lines_of(data, tmp_path)
    with pytest.raises(NoTextError, match="the encoding was lost"):
        lines_of(b"???? ????? ?? ??????\n" * 9, tmp_path)
    assert lines_of(b"2021\n12.5\n", tmp_path)[0] == ["2021", "12.5"]


def test_another_language_is_refused_or_noted(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"This is English and nothing else is here.\n")
    with pytest.raises(LanguageError):
        read_lines(tmp_path / "in.txt")
    notices: list[Notice] = []
    assert len(list(read_lines(tmp_path / "in.txt", any_language=True, notify=notices.append))) == 1
    assert [notice.kind for notice in notices] == ["language"]
