"""Sixty-five unusual inputs through every command: done in full, or refused in one line, and nothing lost."""

import json
import os
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from dragoman.cli import dragoman
from dragoman.corpora.line_stream import read_lines
from dragoman.corpora.reading import read
from dragoman.outputs import FILES
from dragoman.units import Role
from tests.corpora.test_robust import ARTICLE, CASES, Refused

STARTER = Path(__file__).parents[2] / "models" / "starter-ar-en"
pytestmark = pytest.mark.skipif(not STARTER.is_dir(), reason="the starter's weights are not there")

BENCH = Path(os.environ.get("DRAGOMAN_BENCH", Path(__file__).parents[3] / "shared" / "bench"))
SCHEMAS = Path(__file__).parents[1] / "fixtures" / "schemas"
REFERENCE = "A mobile library reaches the villages.\n\nIt carries three thousand books.\n"
# What time is spent on in these is the model; the shape stays.
SHORTENED = {"11_": 4_000, "12_": 3_000, "25_": 2_000, "26_": 4_000}
LANGUAGES = ("20_", "21_", "22_", "24_")
NO_TEXT = ("01_", "02_", "42_", "43_", "44_", "46_")
NO_ARTICLE = (*NO_TEXT, *LANGUAGES, "03_", "51_")
SAME = {
    name for name, (_, expected) in CASES.items() if not isinstance(expected, Refused) and expected.is_article
}
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ACTIVE = ("img", "iframe", "object", "embed", "link", "base")


def bench_names() -> list[str]:
    folder = BENCH / "robust" / "files"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def shortened(name: str, data: bytes) -> bytes:
    return data[: SHORTENED[name[:3]]].decode("utf-8", "ignore").encode() if name[:3] in SHORTENED else data


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    for name, (data, _) in CASES.items():
        (folder / name).write_bytes(shortened(name, data))
    (folder / "64_directory.txt").mkdir()
    return folder


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reference") / "reference.txt"
    path.write_text(REFERENCE, encoding="utf-8")
    return path


def invoke(*args: str | Path) -> Result:
    """Run a command and check what holds for all: no traceback, no control characters, one line of refusal."""
    result = CliRunner().invoke(dragoman, [str(arg) for arg in args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (0, 1, 2)
    assert not _CONTROLS.search(result.stdout + result.stderr)
    if result.exit_code == 1 and args[0] != "batch":
        *before, last = result.stderr.rstrip("\n").split("\n")
        assert last.startswith("Error: ")
        assert not any(line.startswith("Error") for line in before)
        assert not result.stdout
    return result


def letters(text: str) -> Counter[str]:
    return Counter(char for char in text if char.isalpha())


@cache
def _xliff_schema() -> etree.XMLSchema:
    text = (SCHEMAS / "xliff-core-1.2-strict.xsd").read_text(encoding="utf-8")
    text = re.sub(
        r'schemaLocation="[^"]*xml\.xsd"', f'schemaLocation="{(SCHEMAS / "xml.xsd").as_uri()}"', text
    )
    return etree.XMLSchema(etree.fromstring(text.encode()))


@cache
def _tmx_dtd() -> etree.DTD:
    return etree.DTD(str(SCHEMAS / "tmx14.dtd"))


def check_outputs(path: Path, out: Path) -> None:
    """Check that all files are well-formed and that each letter was translated, copied or set apart."""
    assert sorted(entry.name for entry in out.iterdir()) == sorted(FILES)
    contents = {name: (out / name).read_text(encoding="utf-8") for name in FILES}
    assert not any(_CONTROLS.search(content) for content in contents.values())
    rows = [json.loads(line) for line in contents["segments.jsonl"].split("\n")[:-1]]
    run = json.loads(contents["run.json"])
    document = read(path)
    spans = sorted((row["start"], row["end"]) for row in [*rows, *run["set_apart"]])
    end = 0
    for start, stop in spans:
        assert not letters(document.text[end:start])
        end = stop
    assert not letters(document.text[end:])
    assert all(row["tgt"].strip() or not letters(row["src"]) for row in rows)
    memory = etree.fromstring(
        contents["bitext.tmx"].encode(), etree.XMLParser(load_dtd=False, no_network=True)
    )
    assert _tmx_dtd().validate(memory)
    xliff = etree.fromstring(contents["bitext.xlf"].encode(), etree.XMLParser(no_network=True))
    assert _xliff_schema().validate(xliff)
    assert len(memory.findall(".//tu")) == len(rows)
    report = etree.HTML(contents["report.html"])
    assert len(report.findall(".//script")) == 1
    assert not [element for tag in _ACTIVE for element in report.findall(f".//{tag}")]
    assert not _OVERRIDES.search(contents["report.html"])
    assert not [name for element in report.iter() for name in element.attrib if str(name).startswith("on")]


@pytest.mark.parametrize("name", CASES)
def test_run_translates_the_article_or_refuses_it(name: str, built: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = invoke("run", built / name, "-o", out, "--beam", "1")
    assert result.exit_code == (1 if name.startswith(NO_ARTICLE) else 0), result.stderr
    if result.exit_code:
        assert list(tmp_path.iterdir()) == []
        return
    check_outputs(built / name, out)
    for notice in read(built / name).notices:
        assert f"{notice.severity}: {notice.message}" in result.stderr.split("\n")


@pytest.mark.parametrize("name", bench_names())
def test_run_translates_the_files_of_the_benchmark_or_refuses_them(name: str, tmp_path: Path) -> None:
    path = tmp_path / "in" / name
    path.parent.mkdir()
    path.write_bytes(shortened(name, (BENCH / "robust" / "files" / name).read_bytes()))
    out = tmp_path / "out"
    result = invoke("run", path, "-o", out, "--beam", "1")
    assert result.exit_code == (1 if name.startswith(NO_ARTICLE) else 0), result.stderr
    assert out.exists() == (result.exit_code == 0)
    if not result.exit_code:
        check_outputs(path, out)
    assert {entry.name for entry in tmp_path.iterdir()} <= {"in", "out"}


@pytest.mark.parametrize("name", CASES)
def test_translate_gives_a_line_a_line_or_refuses(name: str, built: Path) -> None:
    result = invoke("translate", built / name, "--beam", "1", "--format", "jsonl")
    assert result.exit_code == (1 if name.startswith((*NO_TEXT, *LANGUAGES)) else 0), result.stderr
    if result.exit_code:
        return
    sources = list(read_lines(built / name))
    rows = [json.loads(line) for line in result.stdout.split("\n")[:-1]]
    assert [row["src"] for row in rows] == sources
    for row in rows:
        gave_no_words = any(flag["kind"] == "empty" for flag in row["flags"])
        assert bool(letters(row["tgt"])) == (bool(letters(row["src"])) and not gave_no_words)
    if name in SAME:
        assert len([line for line in sources if line]) == 4
    if name.startswith("52_"):
        kept = ("https://example.org/a?b=1&c=ج", "info@example.org", "#كتب_الجبل")
        assert all(piece in result.stdout for piece in kept)


@pytest.mark.parametrize("name", CASES)
def test_segment_align_and_score_go_through_or_refuse(name: str, built: Path, reference: Path) -> None:
    result = invoke("segment", built / name)
    assert result.exit_code == (1 if name.startswith(NO_ARTICLE) else 0), result.stderr
    if name in SAME:
        assert len(result.stdout.split("\n")) == len(
            invoke("segment", built / "04_bom_utf8.txt").stdout.split("\n")
        )
    for arguments in (
        (built / name, reference),
        (reference, built / name, "--src-lang", "en", "--tgt-lang", "ar"),
    ):
        result = invoke("align", *arguments)
        assert result.exit_code == (1 if name.startswith(NO_TEXT) else 0), result.stderr
    if not result.exit_code:
        lines = [" ".join(line.split()) for line in read_lines(built / name, any_language=True)]
        aligned = letters("".join(row.split("\t")[4] for row in result.stdout.split("\n")[:-1]))
        assert letters("".join(lines)) - letters(result.stdout) == Counter(), aligned
    result = invoke("score", built / name, "-r", built / name, "--samples", "0")
    if result.exit_code == 0:
        assert "BLEU" in result.stdout
    invoke("score", reference, "-r", reference, "--src", built / name, "--samples", "0")


def test_batch_does_all_of_them_in_one_job(built: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = invoke("batch", built, "-o", out, "--beam", "1")
    assert result.exit_code == 1  # some documents are refused
    failed = [line.split("\t") for line in (out / "errors.tsv").read_text(encoding="utf-8").split("\n")[1:-1]]
    assert {name[:3] for name, _ in failed} == set(NO_ARTICLE)
    assert all(reason and "unexpected" not in reason for _, reason in failed)
    assert sum(line.startswith("failed: ") for line in result.stderr.split("\n")) == len(failed)
    apart = [row.split("\t") for row in (out / "set_apart.tsv").read_text(encoding="utf-8").split("\n")[1:-1]]
    noticed = {
        row.split("\t")[0] for row in (out / "notices.tsv").read_text(encoding="utf-8").split("\n")[1:-1]
    }
    assert {
        "07_utf16le_nobom.txt",
        "08_windows1256.txt",
        "09_invalid_utf8.txt",
        "39_html_1256_says_utf8.html",
    } <= noticed
    assert "warning: 08_windows1256.txt: " in result.stderr
    for name in CASES:
        if name.startswith(NO_ARTICLE):
            continue
        found = [path for path in out.iterdir() if path.name.startswith(name[:4]) and path.suffix == ".xlf"]
        assert len(found) == 1, name
        xliff = ElementTree.parse(found[0])
        sources = "".join(e.text or "" for e in xliff.iter("{urn:oasis:names:tc:xliff:document:1.2}source"))
        if name.endswith(".html"):
            continue  # of pages everything that people read is translated, titles and menus too
        text = read(built / name).text
        own = "".join(row[4] for row in apart if row[0].lstrip("'") == found[0].name.removesuffix(".xlf"))
        assert letters(sources) + letters(own) == letters(text), name
    for path in out.glob("*.tsv"):
        cells = path.read_text(encoding="utf-8").replace("\n", "\t").split("\t")
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))], path.name
    assert not list(tmp_path.rglob("pwned")) and not list(built.rglob("pwned"))
    assert max(len(path.name.encode()) for path in out.rglob("*")) <= 255


@pytest.mark.parametrize("command", ["run", "batch", "segment", "translate", "align", "score"])
def test_names_that_are_no_files_are_refused(
    command: str, built: Path, reference: Path, tmp_path: Path
) -> None:
    for name in ("64_directory.txt", "65_does_not_exist.txt", "-33-not-there.txt"):
        arguments: list[str | Path] = [command, built / name]
        arguments += [reference] if command == "align" else ["-r", reference] if command == "score" else []
        arguments += ["-o", tmp_path / "out"] if command in ("run", "batch") else []
        result = invoke(*arguments)
        assert result.exit_code in (1, 2)
        assert len(result.stderr.split("\n")) <= 6
    assert not (tmp_path / "out" / "translation.txt").exists()


def test_a_name_that_begins_with_a_dash_is_a_name(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(built)
    name = "-33-leading-dash.txt"
    for arguments in ((f"./{name}",), ("--", name)):
        assert invoke("segment", *arguments).stdout == invoke("segment", built / "04_bom_utf8.txt").stdout
    assert invoke("run", "-o", tmp_path / "out", "--beam", "1", "--", name).exit_code == 0
    result = invoke("segment", name)
    assert result.exit_code == 2
    assert "./-" in result.stderr


def test_an_article_is_the_same_whatever_its_bytes(built: Path) -> None:
    plain = invoke("segment", built / "04_bom_utf8.txt").stdout
    for name in SAME - {"38_html_utf8_says_1256.html"}:
        found = invoke("segment", *(["--"] if name.startswith("-") else []), built / name).stdout
        assert found == plain, name
    assert letters(plain) == letters(ARTICLE)
    assert all(line.role is not Role.BOILERPLATE for line in read(built / "04_bom_utf8.txt").lines)


@pytest.mark.parametrize("raw", [b"bad\xff.txt", b"esc\x1b[31m.txt", b"line\nend.txt"])
def test_a_name_of_bytes_that_are_no_text_does_no_harm(raw: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = folder / os.fsdecode(raw)
    path.write_text(ARTICLE, encoding="utf-8")
    for command in ("run", "batch"):
        out = tmp_path / command
        result = invoke(command, path, "-o", out, "--beam", "1")
        assert result.exit_code == 0, result.stderr
        assert len(list(out.iterdir())) >= 6
    path.write_text("", encoding="utf-8")
    for command in ("segment", "translate"):
        assert len(invoke(command, path).stderr.rstrip("\n").split("\n")) == 1
