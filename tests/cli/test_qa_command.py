"""`dragoman qa`: formats in, lists out, exit codes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dragoman.cli import dragoman
from dragoman.corpora.bitexts import write_bitext
from dragoman.units import Bitext, TranslationUnit

BITEXT = Bitext(
    (
        TranslationUnit("هل عاد؟", "He is back.", "a"),
        TranslationUnit("بلغ العدد ٤٠", "The number was 14\u202e", "b"),
        TranslationUnit("نعم", "yes", "c"),
    )
)


@pytest.mark.parametrize("suffix", ["tmx", "xlf", "tsv", "jsonl"])
def test_every_bitext_format_is_checked_and_errors_give_exit_code_1(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"b.{suffix}"
    write_bitext(BITEXT, path)
    result = CliRunner().invoke(dragoman, ["qa", str(path), "--format", "json"])
    assert result.exit_code == 1
    rows = json.loads(result.stdout)
    assert [(row["number"], row["flags"][0]["kind"]) for row in rows] == [(2, "number"), (1, "end-mark")]
    assert "3 units, 1 with errors, 1 with warnings only" in result.stderr


def test_text_and_tsv_list_the_worst_first_and_text_holds_no_bidi_overrides(tmp_path: Path) -> None:
    path = tmp_path / "b.tsv"
    write_bitext(BITEXT, path)
    text = CliRunner().invoke(dragoman, ["qa", str(path)]).stdout
    assert text.index("error number") < text.index("warning end-mark")
    assert "\u202e" not in text
    lines = CliRunner().invoke(dragoman, ["qa", str(path), "--format", "tsv"]).stdout.rstrip("\n").split("\n")
    assert lines[0].startswith("rank\trisk\tnumber")
    assert len(lines) == 3


def test_standard_input_and_the_least_severity_that_fails() -> None:
    data = "هل عاد؟\tHe is back.\n"
    runner = CliRunner()
    assert runner.invoke(dragoman, ["qa", "-", "--from", "tsv"], input=data).exit_code == 0
    assert (
        runner.invoke(dragoman, ["qa", "-", "--from", "tsv", "--fail-on", "warning"], input=data).exit_code
        == 1
    )
    result = runner.invoke(dragoman, ["qa", "-"], input=data)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
