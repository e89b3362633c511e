"""Bilingual tables for reviewers and the OmegaT project."""

import io
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import docx
import lxml.html
import pytest

from dragoman.corpora.omegat import write_project
from dragoman.corpora.review import write_review_docx, write_review_html
from dragoman.corpora.tmx import read_tmx
from dragoman.errors import OutputError
from dragoman.units import Bitext, Flag, Severity, TranslationUnit

BITEXT = Bitext(
    (
        TranslationUnit(
            "نعم <b>", "yes & <script>\u202e", document="a.txt", flags=(Flag("k", Severity.ERROR, "m"),)
        ),
        TranslationUnit("لا\x00", "no\nnever", document="b.txt"),
    )
)


def test_the_page_shows_both_sides_escaped_and_needs_no_network() -> None:
    stream = io.BytesIO()
    write_review_html(BITEXT, stream, title="Job <1>")
    text = stream.getvalue().decode()
    page = lxml.html.fromstring(text)
    rows = page.findall(".//tr")[1:]
    assert [row.text_content() for row in rows if row.get("class") is None] == ["a.txt", "b.txt"]
    cells = [row.findall("td") for row in rows if row.get("class") is not None]
    assert cells[0][1].text_content() == "نعم <b>"
    assert (cells[0][1].get("dir"), cells[0][1].get("lang"), cells[0][2].get("dir")) == ("rtl", "ar", "ltr")
    assert cells[0][2].text_content() == "yes & <script>"
    assert cells[0][3].text_content() == "error k: m"
    assert "http" not in text and "<script" not in text and "\u202e" not in text


def test_the_document_has_a_row_a_unit_and_equal_bitexts_give_equal_files() -> None:
    streams = io.BytesIO(), io.BytesIO()
    for stream in streams:
        write_review_docx(BITEXT, stream, title="Job")
    assert streams[0].getvalue() == streams[1].getvalue()
    table = docx.Document(streams[0]).tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["#", "Source", "Translation", "Doubts"],
        ["a.txt"] * 4,
        ["1", "نعم <b>", "yes & <script>\u202e", "error k: m"],
        ["b.txt"] * 4,
        ["2", "لا", "no\nnever", ""],
    ]
    assert "w:bidi" in table.rows[2].cells[1]._tc.xml


def test_an_omegat_project_has_its_folders_memories_and_settings(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    human = [TranslationUnit("ربما", "maybe", origin="human")]
    write_project(
        folder,
        sources={"sub/a.txt": "نعم".encode()},
        machine=BITEXT.units,
        human=human,
        terms={"نعم": "yes\tes"},
    )
    root = ElementTree.parse(folder / "omegat.project").getroot()
    assert root.findtext("project/source_lang") == "AR"
    assert root.findtext("project/target_lang") == "EN"
    assert (folder / "source/sub/a.txt").read_text(encoding="utf-8") == "نعم"
    assert [unit.tgt for unit in read_tmx(folder / "tm/mt/dragoman.tmx").units][1] == "no\nnever"
    assert [unit.tgt for unit in read_tmx(folder / "tm/memory.tmx").units] == ["maybe"]
    assert (folder / "glossary/glossary.txt").read_text(encoding="utf-8") == "نعم\tyes es\n"
    assert (folder / "target").is_dir()


def test_a_project_is_never_overwritten_and_no_source_leaves_it(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="outside"):
        write_project(tmp_path / "p", sources={"../../x": b""}, machine=BITEXT.units)
    write_project(tmp_path / "q", sources={}, machine=BITEXT.units)
    with pytest.raises(OutputError, match="already"):
        write_project(tmp_path / "q", sources={}, machine=BITEXT.units)
