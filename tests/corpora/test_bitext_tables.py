"""TSV and JSONL bitexts, and the choice of a format by a file's name."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.corpora.bitext_tables import read_jsonl, read_tsv, write_jsonl, write_tsv
from dragoman.corpora.bitexts import read_bitext, write_bitext
from dragoman.errors import FormatError, InputError
from dragoman.units import Bitext, Flag, Severity, TranslationUnit

texts = st.text(st.characters(codec="utf-8"), max_size=30)
units = st.builds(
    TranslationUnit, src=texts, tgt=texts, unit_id=texts, document=texts, origin=texts, model=texts
)
FULL = TranslationUnit(
    "س\tص", "x\\n\ny", "1", "d", "mt", "m", -1.5, (Flag("empty", Severity.ERROR, "no text"),), (("k", "v"),)
)


@given(st.lists(units, max_size=4))
def test_tsv_is_read_back_as_it_was(some: list[TranslationUnit]) -> None:
    stream = io.BytesIO()
    write_tsv(Bitext(tuple(some)), stream)
    assert stream.getvalue().count(b"\n") == len(some) + 1
    assert list(read_tsv(io.BytesIO(stream.getvalue())).units) == some


@given(st.lists(units, max_size=4))
def test_jsonl_is_read_back_as_it_was(some: list[TranslationUnit]) -> None:
    stream = io.BytesIO()
    write_jsonl(Bitext((*some, FULL)), stream)
    assert list(read_jsonl(io.BytesIO(stream.getvalue())).units) == [*some, FULL]


def test_flags_and_scores_survive_tsv() -> None:
    stream = io.BytesIO()
    write_tsv(Bitext((FULL,)), stream)
    (unit,) = read_tsv(io.BytesIO(stream.getvalue())).units
    assert (unit.score, unit.flags) == (FULL.score, FULL.flags)


def test_a_plain_tsv_is_read_raw_with_more_columns_ignored() -> None:
    data = "\ufeffنعم\tC:\\new\tx\r\n\nلا\t\n".encode()
    assert [(unit.src, unit.tgt) for unit in read_tsv(io.BytesIO(data)).units] == [
        ("نعم", "C:\\new"),
        ("لا", ""),
    ]


def test_a_line_with_one_column_is_named() -> None:
    with pytest.raises(FormatError, match=r"f\.tsv:2: one column"):
        read_tsv(io.BytesIO(b"a\tb\nc\n"), name="f.tsv")


@pytest.mark.parametrize("line", [b"[1]", b"{", b'{"x": 1}', b"\xff"])
def test_a_jsonl_line_that_is_no_unit_is_named(line: bytes) -> None:
    with pytest.raises(FormatError, match=r"f\.jsonl:2: "):
        read_jsonl(io.BytesIO(b'{"src": "a"}\n' + line), name="f.jsonl")


def test_names_of_other_tools_are_understood_in_jsonl() -> None:
    data = (
        b'{"translation": {"ar": "a", "en": "b"}}\n'
        b'{"source": "c", "target": "d"}\n'
        b'{"src": "e", "tgt": null}\n'
    )
    assert [(unit.src, unit.tgt) for unit in read_jsonl(io.BytesIO(data)).units] == [
        ("a", "b"),
        ("c", "d"),
        ("e", ""),
    ]


@pytest.mark.parametrize("suffix", [".tmx", ".xlf", ".tsv", ".jsonl"])
def test_a_files_name_tells_its_format(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"b{suffix}"
    write_bitext(Bitext((TranslationUnit("نعم", "yes"),)), path, created=datetime(2026, 1, 1, tzinfo=UTC))
    bitext = read_bitext(path)
    assert [(unit.src, unit.tgt) for unit in bitext.units] == [("نعم", "yes")]
    assert (bitext.src_lang, bitext.tgt_lang) == ("ar", "en")


def test_unknown_formats_missing_files_and_folders_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot tell the format"):
        read_bitext(tmp_path / "x.pdf")
    with pytest.raises(InputError, match="cannot read"):
        read_bitext(tmp_path / "x.tsv")
    (tmp_path / "d.tmx").mkdir()
    with pytest.raises(InputError, match="cannot read"):
        read_bitext(tmp_path / "d.tmx")
