"""`dragoman score`, `compare`, `testsets` and `eval gate`: output and exit codes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dragoman.cli import dragoman

REF = [
    f"The {word} was built in {1900 + i} by the old company."
    for i, word in enumerate(["dam", "port", "road"] * 8)
]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    sides = {
        "ref": REF,
        "good": [text.replace("built", "made") for text in REF],
        "bad": [" ".join(text.split()[::-1]) for text in REF],
        "src": ["بني المبنى قديما." for _ in REF],
    }
    for name, lines in sides.items():
        (tmp_path / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return {name: str(tmp_path / f"{name}.txt") for name in sides}


def run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(dragoman, list(arguments), input=stdin)


def test_scores_are_printed_with_signature_mode_and_coverage(files: dict[str, str]) -> None:
    result = run("score", files["good"], "-r", files["ref"])
    assert result.exit_code == 0
    names = [line.split("|")[0] for line in result.stdout.strip().split("\n")]
    assert names == ["BLEU", "chrF2++", "TER"]
    assert all(
        "mode:segment|cov:hyp=24/24,ref1=24/24,units=24 = " in line
        for line in result.stdout.strip().split("\n")
    )


def test_the_hypothesis_may_come_from_standard_input(files: dict[str, str]) -> None:
    result = run("score", "-", "-r", files["ref"], "-m", "chrf", stdin="".join(f"{line}\n" for line in REF))
    assert result.exit_code == 0
    assert "= 100.0" in result.stdout


def test_modes_stand_side_by_side(files: dict[str, str]) -> None:
    modes = ("segment", "aligned", "document", "resegmented")
    options = [part for mode in modes for part in ("--mode", mode)]
    result = run(
        "score",
        files["good"],
        "-r",
        files["ref"],
        "-s",
        files["src"],
        *options,
        "--format",
        "tsv",
        "-m",
        "bleu",
    )
    assert result.exit_code == 0
    rows = [line.split("\t") for line in result.stdout.strip().split("\n")]
    column = rows[0].index("mode")
    assert [row[column] for row in rows[1:]] == list(modes)


def test_lengths_that_differ_are_one_line_and_exit_code_1(files: dict[str, str]) -> None:
    result = run("score", "-", "-r", files["ref"], stdin="one\n")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the sides have different numbers of segments (-: 1,")
    assert result.stdout == ""


def test_a_regression_is_exit_code_1_only_when_asked_for(files: dict[str, str]) -> None:
    arguments = ["compare", files["good"], files["bad"], "-r", files["ref"], "--samples", "200"]
    assert run(*arguments).exit_code == 0
    failed = run(*arguments, "--fail-on-regression")
    assert failed.exit_code == 1
    assert "LOSS bad: BLEU" in failed.stdout
    swapped = run(
        "compare", files["bad"], files["good"], "-r", files["ref"], "--fail-on-regression", "--test", "ar"
    )
    assert swapped.exit_code == 0


def test_a_comparison_is_written_whole_as_json(files: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "c.json"
    result = run(
        "compare", files["good"], files["bad"], "-r", files["ref"], "-s", files["src"],
        "--format", "json", "-o", str(out), "--name", "new", "--name", "old",
    )  # fmt: skip
    assert result.exit_code == 0 and result.stdout == ""
    value = json.loads(out.read_text(encoding="utf-8"))
    assert [system["name"] for system in value["systems"]] == ["new", "old"]
    assert value["systems"][0]["segments"][0]["src"].startswith("بني")
    assert {item["role"] for item in value["inputs"]} == {"hypothesis", "reference", "source"}


def test_comparing_one_system_is_a_usage_error(files: dict[str, str]) -> None:
    assert run("compare", files["good"], "-r", files["ref"]).exit_code == 2


def test_scores_of_another_metric_stand_beside(files: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "comet").write_text("0.75\n" * len(REF), encoding="utf-8")
    result = run(
        "score", files["good"], "-r", files["ref"], "-m", "bleu", "--scores", f"COMET={tmp_path / 'comet'}"
    )
    assert result.exit_code == 0
    assert "COMET|file:comet|" in result.stdout


def test_test_sets_are_listed_and_a_missing_one_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_TESTSETS", str(tmp_path))
    listed = run("testsets", "list")
    assert listed.exit_code == 0 and "flores200-dev\t-\t997\tCC-BY-SA-4.0" in listed.stdout
    missing = run("testsets", "path", "ntrex128", "ref")
    assert missing.exit_code == 1 and "dragoman testsets get ntrex128" in missing.stderr


def test_the_gate_fails_when_a_floor_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRAGOMAN_BENCH", raising=False)
    result = run("eval", "gate", "--only", "qa/")
    lines = result.stdout.strip().split("\n")
    assert len(lines) == 2
    assert result.exit_code == (0 if all(line.startswith("passed") for line in lines) else 1)
    skipped = run("eval", "gate", "--only", "segmentation/")
    assert skipped.exit_code == 0
    assert all(line.startswith("skipped") for line in skipped.stdout.strip().split("\n"))
