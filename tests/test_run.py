"""The main job on the samples, and everything that can be wrong with its input or its output."""

import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dragoman.cli import dragoman
from dragoman.outputs import FILES
from dragoman.pipeline import ArticleRun, run_article
from dragoman.units import Role

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "corpora" / "samples"
SEED = ROOT.parent / "shared" / "seed"
ARABIC = "افتتحت البلدية حديقة جديدة قرب النهر.\n\nوقال المدير إن العمل استمر عامين.\n"


def _run(*args: str | Path) -> Result:
    return CliRunner().invoke(dragoman, ["run", *map(str, args)])


@pytest.fixture(scope="module")
def harbour() -> ArticleRun:
    references = [SAMPLES / "harbour.en.txt", SAMPLES / "harbour.en2.txt"]
    return run_article(SAMPLES / "harbour.ar.txt", references=references)


def test_every_segment_of_the_article_has_a_hypothesis_and_stands_in_one_bead(harbour: ArticleRun) -> None:
    assert len(harbour.segments) == len(harbour.hypotheses) == 15
    for reference in harbour.references:
        covered = [i for bead in reference.beads for i in bead.src]
        assert covered == list(range(15))
        assert [j for bead in reference.beads for j in bead.tgt] == list(range(len(reference.sentences)))


def test_both_references_are_covered_whatever_their_segmentation(harbour: ArticleRun) -> None:
    assert harbour.scores is not None
    coverage = harbour.scores.coverage
    assert coverage.hypothesis.fraction >= 0.9
    assert all(share.fraction >= 0.9 for share in coverage.references)


def test_what_surrounds_the_article_is_set_apart_with_reasons(harbour: ArticleRun) -> None:
    apart = [line for line in harbour.document.lines if line.role is Role.BOILERPLATE]
    texts = [harbour.document.text[line.start : line.end] for line in apart]
    assert texts == [
        "الرئيسية » اقتصاد",
        "شارك هذا الموضوع",
        "اقرأ أيضا",
        "الاشتراك في النشرة البريدية",
        "جميع الحقوق محفوظة © 2023",
    ]
    assert all(line.reason for line in apart)


def test_the_sample_page_gives_all_files_and_they_agree(tmp_path: Path) -> None:
    result = _run(SAMPLES / "museum.ar.html", "-r", SAMPLES / "museum.en.txt", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    rows = [
        json.loads(line) for line in (out / "segments.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    ]
    memory = ElementTree.parse(out / "bitext.tmx")
    xliff = ElementTree.parse(out / "bitext.xlf")
    assert len(memory.findall(".//tu")) == len(rows)
    assert len(xliff.findall(".//{urn:oasis:names:tc:xliff:document:1.2}trans-unit")) == len(rows)
    translation = (out / "translation.txt").read_text(encoding="utf-8")
    assert all(row["tgt"] in translation for row in rows)
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert run["counts"]["segments"] == len(rows)
    assert len(run["article"]["sha256"]) == len(run["model"]["sha256"]) == 64
    assert "http" not in "".join(line for line in (out / "report.html").open() if "src=" in line)


def test_no_score_is_shown_without_signature_mode_and_coverage(tmp_path: Path) -> None:
    result = _run(SAMPLES / "harbour.ar.txt", "-r", SAMPLES / "harbour.en.txt", "-o", tmp_path / "out")
    shown = [line for line in result.stdout.split("\n") if line.startswith(("BLEU", "chrF", "TER"))]
    assert len(shown) == 3
    for line in shown:
        assert "|version:" in line
        assert "|mode:aligned|" in line
        assert "|cov:hyp=" in line


def test_without_a_reference_there_is_no_score_and_a_reason(tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(ARABIC, encoding="utf-8")
    assert _run(article, "-o", tmp_path / "out").exit_code == 0
    scores = json.loads((tmp_path / "out" / "scores.json").read_text(encoding="utf-8"))
    assert scores == {"scores": [], "reason": "no reference was given"}


def test_an_article_on_standard_input_keeps_its_paragraphs(tmp_path: Path) -> None:
    result = CliRunner().invoke(dragoman, ["run", "-", "-o", str(tmp_path / "out")], input=ARABIC.encode())
    assert result.exit_code == 0, result.stderr
    translation = (tmp_path / "out" / "translation.txt").read_text(encoding="utf-8")
    first, blank, second, end = translation.split("\n")
    assert first
    assert second
    assert blank == end == ""


def test_keep_all_translates_what_is_set_apart_otherwise(tmp_path: Path) -> None:
    plain = _run(SAMPLES / "harbour.ar.txt", "-o", tmp_path / "a")
    everything = _run(SAMPLES / "harbour.ar.txt", "--keep-all", "-o", tmp_path / "b")
    assert "15 segments translated" in plain.stderr
    assert "20 segments translated" in everything.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no text"),
        (b" \n\n\t ", "no text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "not a text file"),
        (b"An English article is no Arabic article, whatever its name says.", "not Arabic"),
        ("شارك هذا الموضوع\n\nجميع الحقوق محفوظة\n".encode(), "--keep-all"),
    ],
)
def test_unusable_input_is_one_line_and_no_file(tmp_path: Path, content: bytes, message: str) -> None:
    article = tmp_path / "article.txt"
    article.write_bytes(content)
    result = _run(article, "-o", tmp_path / "out")
    assert result.exit_code == 1
    errors = [line for line in result.stderr.split("\n") if line.startswith("Error: ")]
    assert len(errors) == 1
    assert message in errors[0]
    assert "Traceback" not in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["article.txt"]


def test_a_missing_article_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    assert "no such file" in _run(tmp_path / "nothing.txt", "-o", tmp_path / "out").stderr
    assert "is a directory" in _run(tmp_path, "-o", tmp_path / "out").stderr


def test_a_missing_reference_is_found_out_before_anything_is_translated(tmp_path: Path) -> None:
    result = _run(SAMPLES / "harbour.ar.txt", "-r", tmp_path / "nothing.txt", "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "translate" not in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_model_folder_with_a_file_missing_is_named(tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(ROOT / "models" / "starter-ar-en", model)
    (model / "source.spm").unlink()
    result = _run(SAMPLES / "harbour.ar.txt", "--model", model, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "source.spm" in result.stderr
    assert not (tmp_path / "out").exists()


def test_usage_errors_exit_with_2(tmp_path: Path) -> None:
    assert _run(SAMPLES / "harbour.ar.txt").exit_code == 2
    assert _run(SAMPLES / "harbour.ar.txt", "-o", tmp_path, "--beam", "0").exit_code == 2


def test_a_full_disk_leaves_what_was_there_before(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", small]).returncode:
        pytest.skip("only root can mount a small file system")
    try:
        (small / "out").mkdir()
        (small / "out" / "run.json").write_text("{}", encoding="utf-8")
        result = _run(SAMPLES / "harbour.ar.txt", "-o", small / "out")
        assert result.exit_code == 1
        assert "No space left" in result.stderr
        assert [path.name for path in small.iterdir()] == ["out"]
        assert [path.name for path in (small / "out").iterdir()] == ["run.json"]
    finally:
        subprocess.run(["umount", small], check=True)


@pytest.mark.skipif(not SEED.is_dir(), reason="the article is not part of the repository")
def test_the_real_article_goes_through_with_the_roles_of_its_gold() -> None:
    gold = json.loads((SEED / "gold.json").read_text(encoding="utf-8"))
    run = run_article(SEED / "article.ar.txt", references=[SEED / "reference.en.txt"])
    names = {"editorial_note": "note"}
    wanted = {
        (row["start"], row["end"]): names.get(row["role"], row["role"])
        for row in gold["lines"]
        if row["role"] != "blank"
    }
    assert {(line.start, line.end): str(line.role) for line in run.document.lines} == wanted
    assert run.scores is not None
    assert run.scores.coverage.hypothesis.fraction == 1.0
