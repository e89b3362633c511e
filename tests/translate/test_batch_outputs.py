"""What a batch job writes beside the documents: tables for reviewers, projects for OmegaT, flags everywhere."""

import json
import os
from pathlib import Path

import docx
import lxml.html
import pytest
from click.testing import CliRunner, Result

from dragoman.cli import dragoman
from dragoman.corpora.bitexts import read_bitext
from dragoman.corpora.memory import Memory
from dragoman.corpora.tmx import read_tmx
from dragoman.translate import joining
from dragoman.translate.ledger import Ledger
from dragoman.units import TranslationUnit

_SENTENCES = (
    "افتتحت البلدية حديقة جديدة قرب النهر.",
    "وقال المدير إن العمل استمر عامين كاملين.",
    "حضر الحفل أكثر من 300 شخص من سكان المدينة.",
)


def _batch(*args: str | Path) -> Result:
    return CliRunner().invoke(dragoman, ["batch", *map(str, args)])


def _write(folder: Path, **texts: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")


def _state(out: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(out)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def test_going_on_with_a_finished_job_touches_nothing(tmp_path: Path) -> None:
    _write(tmp_path / "in", a_txt=_SENTENCES[0], b_html=f"<p>{_SENTENCES[1]}</p>", c_txt="")
    out = tmp_path / "out"
    options = ["--export", "omegat", "--tm", str(tmp_path / "memory.db")]
    assert _batch(tmp_path / "in", "-o", out, *options).exit_code == 1
    before, memory = _state(out), (tmp_path / "memory.db").read_bytes()
    assert _batch("resume", out).exit_code == 1
    assert _state(out) == before
    assert _batch(tmp_path / "in", "-o", out, *options).exit_code == 1
    assert _state(out) == before
    assert (tmp_path / "memory.db").read_bytes() == memory


def test_a_result_that_was_deleted_is_made_again(tmp_path: Path) -> None:
    _write(tmp_path / "in", a_txt=_SENTENCES[0])
    out = tmp_path / "out"
    assert _batch(tmp_path / "in", "-o", out).exit_code == 0
    before = {name: content for name, (_, content) in _state(out).items()}
    for name in ("a.en.txt", "review.docx"):
        (out / name).unlink()
    assert _batch("resume", out).exit_code == 0
    assert {name: content for name, (_, content) in _state(out).items()} == before


def test_a_job_of_another_version_is_not_gone_on_with(tmp_path: Path) -> None:
    _write(tmp_path / "in", a_txt=_SENTENCES[0])
    out = tmp_path / "out"
    assert _batch(tmp_path / "in", "-o", out).exit_code == 0
    job = out / ".dragoman" / "job.json"
    job.write_text(job.read_text(encoding="utf-8").replace('"outputs": "', '"outputs": "0'), encoding="utf-8")
    for command in ("resume", "retry"):
        result = _batch(command, out)
        assert result.exit_code == 1
        assert "different job (outputs changed)" in result.stderr


def test_reviewers_get_both_languages_side_by_side(tmp_path: Path) -> None:
    _write(tmp_path / "in", a_txt=" ".join(_SENTENCES[:2]), b_html=f"<p>{_SENTENCES[2]}</p>")
    out = tmp_path / "out"
    assert _batch(tmp_path / "in", "-o", out).exit_code == 0
    page = lxml.html.parse(out / "review.html").getroot()
    rows = [[cell.text_content() for cell in row.findall("td")] for row in page.iter("tr")][1:]
    units = [unit for name in ("a.txt", "b.html") for unit in read_bitext(out / f"{name}.xlf").units]
    assert [row[0] for row in rows if len(row) == 1] == ["a.txt", "b.html"]
    assert [tuple(row[1:3]) for row in rows if len(row) > 1] == [(unit.src, unit.tgt) for unit in units]
    table = docx.Document(str(out / "review.docx")).tables[0]
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    assert [tuple(row[1:3]) for row in cells if row[0].startswith("s")] == [(u.src, u.tgt) for u in units]


def test_of_a_large_job_the_tables_hold_the_riskiest_and_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "MAX_REVIEWED", 3)
    rows = [{"id": i, "text": f"{i} {_SENTENCES[i % 3]}{'؟' * (i % 5)}"} for i in range(20)]
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    out = tmp_path / "out"
    assert _batch(tmp_path / "d.jsonl", "-o", out).exit_code == 0
    page = lxml.html.parse(out / "review.html").getroot()
    assert page.findtext(".//p", "").startswith("The 3 riskiest of 20 segments")
    shown = {row.findall("td")[1].text for row in page.iter("tr") if len(row.findall("td")) == 4}
    assert len(shown) == 3
    listed = (out / "review.tsv").read_text(encoding="utf-8").split("\n")[1:-1]
    risks = [float(line.split("\t")[0]) for line in listed]
    assert risks == sorted(risks, reverse=True)
    assert {line.split("\t")[4] for line in listed[:3]} <= shown
    assert "The 3 riskiest of 20" in docx.Document(str(out / "review.docx")).paragraphs[1].text


def test_codes_that_had_to_be_moved_are_flagged_in_every_output(tmp_path: Path) -> None:
    inline = f"افتتحت <b>البلدية</b> حديقة جديدة قرب النهر. {_SENTENCES[1]}"
    xliff = (
        '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="x" '
        'source-language="ar" target-language="en" datatype="plaintext"><body><trans-unit id="1"><source>'
        'افتتحت <g id="1">البلدية</g> حديقة جديدة.</source></trans-unit></body></file></xliff>'
    )
    _write(tmp_path / "in", page_html=f"<p>{inline}</p>", memo_xlf=xliff)
    out = tmp_path / "out"
    assert _batch(tmp_path / "in", "-o", out).exit_code == 0
    first, second = read_bitext(out / "page.html.xlf").units
    assert "tag-moved" in [flag.kind for flag in first.flags]
    assert "tag-moved" not in [flag.kind for flag in second.flags]
    assert "warning tag-moved" in (out / "memo.en.xlf").read_text(encoding="utf-8")
    review = (out / "review.tsv").read_text(encoding="utf-8")
    assert review.count("could not keep their place") == 2
    assert (out / "review.html").read_text(encoding="utf-8").count("tag-moved") == 2
    rows = [row for shard in Ledger(out).shards() for row in (Ledger(out).done(shard.index) or ("", ()))[1]]
    assert all(row.n_warnings or row.n_errors for row in rows)


def test_an_omegat_project_holds_sources_translations_and_terms(tmp_path: Path) -> None:
    rows = [json.dumps({"id": i, "text": text}) for i, text in enumerate(_SENTENCES)]
    _write(
        tmp_path / "in" / "sub",
        a_txt=_SENTENCES[0],
        b_html=f"<p>{_SENTENCES[1]}</p>",
        c_md=f"# {_SENTENCES[2]}\n",
        d_jsonl="\n".join(rows) + "\n",
    )
    (tmp_path / "in" / "sub" / "old.txt").write_bytes(_SENTENCES[1].encode("windows-1256"))
    (tmp_path / "terms.csv").write_text("النهر,river\n", encoding="utf-8")
    with Memory(tmp_path / "memory.db") as memory:
        memory.add([TranslationUnit(_SENTENCES[0], "The park is open.", origin="human")])
    out = tmp_path / "out"
    options: list[str | Path] = [
        "--tm",
        tmp_path / "memory.db",
        "--glossary",
        tmp_path / "terms.csv",
        "--export",
        "omegat",
    ]
    result = _batch(tmp_path / "in", "-o", out, *options)
    assert result.exit_code == 0, result.stderr
    project = out / "omegat"
    assert (project / "omegat.project").is_file()
    sources = {str(path.relative_to(project / "source")) for path in (project / "source").rglob("*.*")}
    assert sources == {f"sub/{name}" for name in ("a.txt", "b.html", "c.md.xlf", "d.jsonl.txt", "old.txt")}
    assert (project / "source/sub/old.txt").read_text(encoding="utf-8").strip() == _SENTENCES[1]
    assert (project / "source/sub/d.jsonl.txt").read_text(encoding="utf-8").split() == " ".join(
        _SENTENCES
    ).split()
    assert all(not unit.tgt for unit in read_bitext(project / "source/sub/c.md.xlf").units)
    machine = read_tmx(project / "tm/mt/dragoman.tmx").units
    assert {unit.src for unit in machine} == {*_SENTENCES[1:]}
    assert [unit.tgt for unit in read_tmx(project / "tm/memory.tmx").units] == ["The park is open."]
    assert (project / "glossary/glossary.txt").read_text(encoding="utf-8") == "النهر\triver\n"


def test_what_a_translator_has_done_in_the_project_stays(tmp_path: Path) -> None:
    _write(tmp_path / "in", a_txt=_SENTENCES[0])
    out = tmp_path / "out"
    assert _batch(tmp_path / "in", "-o", out, "--export", "omegat").exit_code == 0
    mine = {"omegat/omegat.project": "<omegat/>", "omegat/omegat/project_save.tmx": "<tmx/>"}
    for name, text in mine.items():
        (out / name).write_text(text, encoding="utf-8")
    (tmp_path / "in" / "a.txt").write_text(_SENTENCES[1], encoding="utf-8")
    os.utime(tmp_path / "in" / "a.txt")
    assert _batch("resume", out).exit_code == 0
    assert [unit.src for unit in read_tmx(out / "omegat/tm/mt/dragoman.tmx").units] == [_SENTENCES[1]]
    for name, text in mine.items():
        assert (out / name).read_text(encoding="utf-8") == text


def test_what_an_orphan_was_writing_is_gone_when_the_job_is_finished_and_a_users_file_is_not(
    tmp_path: Path,
) -> None:
    _write(tmp_path / "in", a_txt=_SENTENCES[0])
    (tmp_path / "in" / ".tmp-notes.txt").write_text(_SENTENCES[1], encoding="utf-8")
    out = tmp_path / "out"
    assert _batch(tmp_path / "in", "-o", out).exit_code == 0
    assert (out / ".tmp-notes.en.txt").is_file()
    ledger = Ledger(out)
    with ledger.locked():  # an actor of a driver that was killed is killed itself while this job is at work
        staged = ledger.folder / "tmp" / "ray-0123" / "host-7" / "000000"
        staged.mkdir(parents=True)
        (staged / "a.en.txt").write_text("half", encoding="utf-8")
        (ledger.folder / "done" / ".tmp-0123456789abcdef").write_text("half", encoding="utf-8")
        joining.finish(ledger)
    assert not staged.exists()
    assert not (ledger.folder / "done" / ".tmp-0123456789abcdef").exists()
    assert (out / ".tmp-notes.en.txt").is_file()
