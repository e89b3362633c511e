"""Reading the sides of a scoring job."""

from pathlib import Path

import pytest

from dragoman.errors import FormatError, InputError, NoTextError, NotTextError
from dragoman.eval.inputs import read_table


def write(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def test_text_is_read_as_sacrebleu_reads_it(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a.txt", "one \r\ntwo\u2028three\n\n"))
    assert table.hypothesis().texts == ("one", "two\u2028three", "")
    assert table.hypothesis().where(2) == "line 3"


def test_a_table_gives_its_columns_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", "doc_id\tseg_id\tsrc\tref\tref2\thyp\nd\t1\tس\tx\t\th\n")
    table = read_table(path)
    assert table.hypothesis("sys").texts == ("h",)
    assert [side.texts for side in table.references()] == [("x",), ("",)]
    source = table.source()
    assert source is not None
    assert (source.texts, source.doc_ids, source.seg_ids) == (("س",), ("d",), ("1",))
    assert source.file is not None and len(source.file.sha256) == 64


def test_json_lines_may_hold_a_list_of_references(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"src": "س", "refs": ["x", "y"], "hyp": "h", "scores": {"a": 1}}\n')
    assert [side.texts for side in read_table(path).references()] == [("x",), ("y",)]


def test_tmx_and_xliff_give_source_and_target(tmp_path: Path) -> None:
    from dragoman.corpora.bitexts import write_bitext
    from dragoman.units import Bitext, TranslationUnit

    bitext = Bitext((TranslationUnit("نعم", "yes", "u1"), TranslationUnit("لا", "", "u2")))
    for suffix in ("tmx", "xlf"):
        write_bitext(bitext, tmp_path / f"b.{suffix}")
        table = read_table(tmp_path / f"b.{suffix}")
        assert table.references()[0].texts == ("yes", None), suffix
        source = table.source()
        assert source is not None and source.texts == ("نعم", "لا")


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("a.txt", b"", NoTextError, "is empty"),
        ("a.txt", b"ok\n\xff\n", NotTextError, "line 2: not UTF-8"),
        ("a.txt", b"PNG\0\0", NotTextError, "NUL"),
        ("a.tsv", b"x\ty\n1\t2\n", FormatError, "line 1: expected a header"),
        ("a.tsv", b"src\tref\n1\t2\t3\n", FormatError, "line 2: 3 fields, expected 2"),
        ("a.jsonl", b'{"ref": 1}\n[]\n', FormatError, "line 2: expected a JSON object"),
        ("a.jsonl", b"{", FormatError, "line 1: not JSON"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(
    tmp_path: Path, name: str, content: bytes, error: type[InputError], message: str
) -> None:
    with pytest.raises(error, match=message):
        read_table(write(tmp_path, name, content))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_table(tmp_path / "none.txt")
    with pytest.raises(InputError, match="is a folder"):
        read_table(tmp_path)


def test_a_table_without_the_wanted_column_says_which_it_has(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no column for a hypothesis .* among src, ref"):
        read_table(write(tmp_path, "a.tsv", "src\tref\na\tb\n")).hypothesis()
