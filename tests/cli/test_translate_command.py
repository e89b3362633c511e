import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dragoman.cli import dragoman

STARTER = Path(__file__).parents[2] / "models" / "starter-ar-en"
needs_weights = pytest.mark.skipif(not STARTER.is_dir(), reason="the starter's weights are not there")


@needs_weights
def test_as_many_lines_come_out_as_go_in_and_blank_ones_stay_blank() -> None:
    text = "صباح الخير.\n\n١٢٫٥٪\r\n</s> <pad> نص\n\nأخيرا"
    done = CliRunner().invoke(dragoman, ["translate"], input=text)
    assert done.exit_code == 0, done.output
    lines = done.stdout.split("\n")
    assert lines[-1] == ""
    assert [bool(line) for line in lines[:-1]] == [True, False, True, True, False, True]
    assert lines[2] == "12.5%"
    assert done.stderr.count("small starter model") == 1


@needs_weights
def test_json_lines_carry_source_provenance_and_flags(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("صباح الخير.\n2021\n", encoding="utf-8")
    done = CliRunner().invoke(dragoman, ["translate", str(tmp_path / "in.txt"), "--format", "jsonl"])
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["src"], first["origin"]) == ("صباح الخير.", "mt")
    assert first["logprob"] < 0
    assert (second["tgt"], second["origin"], second["logprob"]) == ("2021", "copy", None)
    assert second["flags"][0]["kind"] == "copy-number"


@needs_weights
def test_windows_1256_is_read(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes("وصل الوزير إلى القاهرة يوم الاثنين\n".encode("cp1256") * 3)
    done = CliRunner().invoke(dragoman, ["translate", str(tmp_path / "in.txt")])
    assert done.exit_code == 0, done.output
    assert len(set(done.stdout.splitlines())) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(60), "not a text"),
        (b"This is an English text, and nothing else is here at all.\n", "not Arabic"),
    ],
)
def test_what_cannot_be_translated_is_refused_in_one_line(
    content: bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / "in.txt").write_bytes(content)
    done = CliRunner().invoke(dragoman, ["translate", str(tmp_path / "in.txt")])
    assert done.exit_code == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not done.stdout


def test_missing_files_and_directories_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.txt"):
        done = CliRunner().invoke(dragoman, ["translate", str(path)])
        assert done.exit_code == 1
        assert str(path) in done.stderr


def test_the_models_are_listed_with_what_is_not_pinned() -> None:
    done = CliRunner().invoke(dragoman, ["models", "list"])
    assert done.exit_code == 0
    assert "opus-mt-ar-en" in done.stdout
    assert "not pinned" in done.stdout


@needs_weights
def test_the_bundled_model_verifies_and_the_doctor_finds_nothing_wrong() -> None:
    assert CliRunner().invoke(dragoman, ["models", "verify", "starter-ar-en"]).exit_code == 0
    assert "SHA" not in CliRunner().invoke(dragoman, ["models", "show", "starter-ar-en"]).stderr
    done = CliRunner().invoke(dragoman, ["doctor"])
    assert done.exit_code == 0, done.output
    assert "nothing is wrong" in done.stdout


def test_the_doctor_names_a_cache_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DRAGOMAN_CACHE", str(tmp_path / "file"))
    done = CliRunner().invoke(dragoman, ["doctor"])
    assert done.exit_code == 1
    assert "WRONG  cache" in done.stdout
