"""`dragoman tm`: learning from files that come back, export, counts, merging."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from dragoman.cli import dragoman
from dragoman.corpora.bitexts import read_bitext, write_bitext
from dragoman.units import Bitext, TranslationUnit


def run(*arguments: object) -> Result:
    return CliRunner().invoke(dragoman, ["tm", *map(str, arguments)])


def test_a_corrected_xliff_is_learned_and_what_nobody_touched_is_not(tmp_path: Path) -> None:
    units = (TranslationUnit("نعم", "yes", origin="mt"), TranslationUnit("ربما", "may be", origin="mt"))
    path, memory = tmp_path / "b.xlf", tmp_path / "m.tm"
    write_bitext(Bitext(units), path)
    path.write_text(path.read_text(encoding="utf-8").replace(">may be<", ">maybe<"), encoding="utf-8")
    result = run("import", memory, path)
    assert result.exit_code == 0, result.output
    assert "1 new, 0 known, 1 left out" in result.stdout
    assert run("export", memory, tmp_path / "out.tmx").exit_code == 0
    exported = read_bitext(tmp_path / "out.tmx").units
    assert [(unit.src, unit.tgt, unit.origin) for unit in exported] == [("ربما", "maybe", "human")]


def test_memories_are_merged_and_counted(tmp_path: Path) -> None:
    for name, src in (("a", "نعم"), ("b", "لا")):
        (tmp_path / f"{name}.tsv").write_text(f"{src}\t{name}\n", encoding="utf-8")
        assert run("import", tmp_path / f"{name}.tm", tmp_path / f"{name}.tsv").exit_code == 0
    assert "1 new" in run("merge", tmp_path / "a.tm", tmp_path / "b.tm").stdout
    counts = json.loads(run("stats", tmp_path / "a.tm", "--format", "json").stdout)
    assert (counts["n_sources"], counts["n_human"], counts["pairs"]) == (2, 2, ["ar-en"])
    assert "human: 2" in run("stats", tmp_path / "a.tm").stdout


def test_a_missing_memory_is_one_clear_line(tmp_path: Path) -> None:
    result = run("stats", tmp_path / "none.tm")
    assert result.exit_code == 1
    assert "no translation memory" in result.stderr
    assert not (tmp_path / "none.tm").exists()
