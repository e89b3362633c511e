import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dragoman.cli import dragoman
from dragoman.corpora.segmentation import segment

SRC = "Der Hund schläft.\nDie Katze trinkt Milch.\nEs regnet in Bern.\n"
MT = "The dog sleeps.\nThe cat drinks milk.\nIt rains in Bern.\n"
TGT = "The dog sleeps.\nThe cat\ndrinks milk.\nIt rains in Bern.\n"
LADDER = ["0:0", "1:1,2", "2:3"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("a.src", SRC), ("a.mt", MT), ("a.tgt", TGT), ("a.gold", "\n".join(LADDER) + "\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(*args: object, stdin: str | None = None) -> str:
    result = CliRunner().invoke(dragoman, ["align", *map(str, args)], input=stdin)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_ladder_holds_the_beads(folder: Path) -> None:
    output = run(folder / "a.src", folder / "a.tgt", "--mt", folder / "a.mt", "--format", "ladder")
    assert [line.rsplit(":", 1)[0] for line in output.splitlines()] == LADDER


def test_one_side_may_be_standard_input(folder: Path) -> None:
    output = run("-", folder / "a.tgt", "--mt", folder / "a.mt", "--format", "jsonl", stdin=SRC)
    assert [json.loads(line)["tgt"] for line in output.splitlines()] == [[0], [1, 2], [3]]


def test_tmx_holds_the_texts(folder: Path) -> None:
    run(
        folder / "a.src",
        folder / "a.tgt",
        "--mt",
        folder / "a.mt",
        "--format",
        "tmx",
        "--out",
        folder / "out.tmx",
    )
    assert "The cat drinks milk." in (folder / "out.tmx").read_text(encoding="utf-8")


def test_html_escapes_the_texts(folder: Path) -> None:
    (folder / "a.tgt").write_text("<script>alert(1)</script>\n", encoding="utf-8")
    output = run(folder / "a.src", folder / "a.tgt", "--format", "html")
    assert "<script>" not in output
    assert "&lt;script&gt;" in output


def test_gold_beads_give_scores(folder: Path) -> None:
    output = run(folder / "a.src", folder / "a.tgt", "--mt", folder / "a.mt", "--gold", folder / "a.gold")
    assert "strict          1.000   1.000  1.000" in output
    assert "expected calibration error" in output


def test_folders_are_paired_by_name(folder: Path) -> None:
    for side, text in (("de", SRC), ("en", TGT), ("mt", MT)):
        (folder / side).mkdir()
        (folder / side / "one.txt").write_text(text, encoding="utf-8")
        (folder / side / "two.txt").write_text(text, encoding="utf-8")
    run(folder / "de", folder / "en", "--mt", folder / "mt", "--format", "ladder", "--out", folder / "out")
    assert sorted(path.name for path in (folder / "out").glob("[!.]*")) == [
        "one.txt.ladder",
        "two.txt.ladder",
    ]


def test_a_pair_that_cannot_be_used_costs_the_others_nothing(folder: Path) -> None:
    for side, text in (("de", SRC), ("en", TGT)):
        (folder / side).mkdir()
        for name in ("one.txt", "two.txt"):
            (folder / side / name).write_text(text, encoding="utf-8")
    (folder / "en" / "one.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    args = [str(folder / "de"), str(folder / "en"), "--out", str(folder / "out")]
    code, message = refused(*args)
    assert code == 1
    assert "failed: one.txt: " in message
    assert [path.name for path in (folder / "out").glob("[!.]*")] == ["two.txt.tsv"]
    (folder / "en" / "one.txt").write_text(TGT, encoding="utf-8")
    run(*args)
    assert (folder / "out" / "one.txt.tsv").read_bytes() == (folder / "out" / "two.txt.tsv").read_bytes()


def test_pairs_of_one_name_are_refused(folder: Path) -> None:
    (folder / "other").mkdir()
    (folder / "other" / "a.src").write_text(SRC, encoding="utf-8")
    lines = [f"{folder}/a.src\t{folder}/a.tgt\n", f"{folder}/other/a.src\t{folder}/a.tgt\n"]
    (folder / "list").write_text("".join(lines), encoding="utf-8")
    code, message = refused("--pairs", folder / "list", "--out", folder / "out")
    assert code == 1
    assert "two source files have the name 'a.src'" in message


def test_a_list_names_the_pairs(folder: Path) -> None:
    (folder / "list").write_text(f"{folder}/a.src\t{folder}/a.tgt\t{folder}/a.mt\n", encoding="utf-8")
    run("--pairs", folder / "list", "--format", "ladder", "--out", folder / "out")
    lines = (folder / "out" / "a.src.ladder").read_text(encoding="utf-8").splitlines()
    assert [line.rsplit(":", 1)[0] for line in lines] == LADDER


def test_a_hypothesis_of_the_wrong_length_is_refused(folder: Path) -> None:
    args = ["align", str(folder / "a.src"), str(folder / "a.tgt"), "--mt", str(folder / "a.tgt")]
    result = CliRunner().invoke(dragoman, args)
    assert result.exit_code == 1
    assert "a.tgt has 4 lines for the 3 sentences" in result.stderr


def test_a_missing_file_is_one_line(folder: Path) -> None:
    result = CliRunner().invoke(dragoman, ["align", str(folder / "none"), str(folder / "a.tgt")])
    assert result.exit_code == 1
    assert "no such file" in result.stderr


def refused(*args: object) -> tuple[int, str]:
    result = CliRunner().invoke(dragoman, ["align", *map(str, args)])
    return result.exit_code, result.stderr


def test_the_toolkits_own_model_makes_the_hypotheses(tmp_path: Path) -> None:
    samples = Path(__file__).parents[2] / "corpora" / "samples"
    for lang in ("ar", "en"):
        text = (samples / f"harbour.{lang}.txt").read_text(encoding="utf-8")
        sentences = [" ".join(part.text.split()) for part in segment(text, lang=lang)]
        (tmp_path / f"a.{lang}").write_text("\n".join(sentences) + "\n", encoding="utf-8")
    translated = CliRunner().invoke(dragoman, ["translate", str(tmp_path / "a.ar")])
    (tmp_path / "a.mt").write_text(translated.stdout, encoding="utf-8")
    files = [tmp_path / "a.ar", tmp_path / "a.en", "--format", "jsonl"]
    by_model = run(*files, "--model", "starter-ar-en")
    by_file = run(*files, "--mt", tmp_path / "a.mt")
    beads = [[json.loads(row) for row in rows.splitlines()] for rows in (by_model, by_file)]
    # The model is asked about beads in doubt as well; on this text that changes how sure they are.
    assert [[row["src"], row["tgt"]] for row in beads[0]] == [[row["src"], row["tgt"]] for row in beads[1]]
    assert [row["confidence"] for row in beads[0]] != [row["confidence"] for row in beads[1]]
    assert by_model != run(*files)


def test_a_model_for_other_languages_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.de").write_text("Guten Morgen.\n", encoding="utf-8")
    (tmp_path / "a.fr").write_text("Bonjour.\n", encoding="utf-8")
    languages = ["--src-lang", "de", "--tgt-lang", "fr"]
    files = [tmp_path / "a.de", tmp_path / "a.fr"]
    code, message = refused(*files, "--model-reverse", "starter-ar-en", *languages)
    assert code == 1
    assert "ar to en, not fr to de" in message


def test_hypotheses_of_the_target_are_for_two_files_alone(folder: Path) -> None:
    code, message = refused(folder, folder, "--mt-reverse", folder, "--out", folder / "out")
    assert code == 2
    assert "--model-reverse" in message
