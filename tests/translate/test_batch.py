"""The batch job: nothing lost, killed at any moment, resumed to the same bytes."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner, Result

from dragoman.cli import dragoman
from dragoman.corpora.bitexts import read_bitext
from dragoman.corpora.memory import Memory
from dragoman.errors import InputError, MismatchError, OutputError
from dragoman.translate.inputs import plan
from dragoman.translate.ledger import Ledger, Source
from dragoman.units import TranslationUnit

SAMPLES = Path(__file__).parents[2] / "corpora" / "samples"
_SENTENCES = (
    "افتتحت البلدية حديقة جديدة قرب النهر.",
    "وقال المدير إن العمل استمر عامين كاملين.",
    "حضر الحفل أكثر من 300 شخص من سكان المدينة.",
    "هل ينجح المشروع هذه المرة؟",
    "ويبلغ طول الجسر ١٢٠ مترا.",
    "لم تعلن الشركة عن موعد الرحلة المقبلة.",
)


def _batch(*args: str | Path) -> Result:
    return CliRunner().invoke(dragoman, ["batch", *map(str, args)])


def _write_documents(folder: Path, n: int) -> None:
    folder.mkdir(parents=True)
    for i in range(n):
        picked = random.Random(i).sample(_SENTENCES, 3)
        (folder / f"article{i:02d}.txt").write_text(f"خبر رقم {i}\n\n{' '.join(picked)}\n", encoding="utf-8")


def _contents(out: Path) -> dict[str, bytes]:
    """Everything that a job leaves behind but its lock."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def test_folders_are_mirrored_and_a_broken_document_becomes_an_error_row(tmp_path: Path) -> None:
    source = tmp_path / "in"
    _write_documents(source / "news", 3)
    (source / "empty.txt").write_bytes(b"")
    (source / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    (source / "page.html").write_bytes((SAMPLES / "museum.ar.html").read_bytes())
    result = _batch(source, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "4 of 6 documents translated, 2 failed" in result.output
    errors = (tmp_path / "out" / "errors.tsv").read_text(encoding="utf-8").split("\n")
    assert [line.split("\t")[0] for line in errors[1:3]] == ["empty.txt", "picture.txt"]
    assert (tmp_path / "out" / "news" / "article01.en.txt").read_text(encoding="utf-8").count("\n") == 3
    assert (tmp_path / "out" / "page.html.xlf").is_file()
    assert not (tmp_path / "out" / "empty.en.txt").exists()


def test_rows_of_jsonl_come_back_in_order_each_with_a_translation_or_an_error(tmp_path: Path) -> None:
    rows = [json.dumps({"id": f"d{i}", "text": _SENTENCES[i % 6]}, ensure_ascii=False) for i in range(150)]
    rows[7] = "{broken"
    rows[11] = json.dumps({"id": "d11", "text": "An English sentence that is not Arabic at all."})
    (tmp_path / "docs.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    result = _batch(tmp_path / "docs.jsonl", "-o", tmp_path / "out")
    assert result.exit_code == 1
    lines = (tmp_path / "out" / "docs.en.jsonl").read_text(encoding="utf-8").split("\n")
    back = [json.loads(line) for line in lines[:-1]]
    assert [row["id"] for row in back] == [f"d{i}" if i != 7 else "8" for i in range(150)]
    assert [i for i, row in enumerate(back) if "error" in row] == [7, 11]
    assert all(row["text"] for i, row in enumerate(back) if i not in (7, 11))


def test_a_finished_job_is_not_done_again_and_a_changed_document_is(tmp_path: Path) -> None:
    _write_documents(tmp_path / "in", 2)
    out = tmp_path / "out"
    assert _batch(tmp_path / "in", "-o", out).exit_code == 0
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.xlf")}
    assert _batch(tmp_path / "in", "-o", out).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.xlf")} == before
    (tmp_path / "in" / "article00.txt").write_text(_SENTENCES[0], encoding="utf-8")
    assert _batch("resume", out).exit_code == 0
    assert (out / "article00.en.txt").read_text(encoding="utf-8").count("\n") == 1


def test_another_configuration_is_another_job(tmp_path: Path) -> None:
    _write_documents(tmp_path / "in", 1)
    out = tmp_path / "out"
    assert _batch(tmp_path / "in", "-o", out).exit_code == 0
    result = _batch(tmp_path / "in", "-o", out, "--beam", "1")
    assert result.exit_code == 1
    assert "different job (beam changed)" in result.stderr


def test_failed_documents_can_be_tried_again(tmp_path: Path) -> None:
    _write_documents(tmp_path / "in", 2)
    bad = tmp_path / "in" / "article01.txt"
    good = bad.read_bytes()
    bad.write_bytes(b"")
    out = tmp_path / "out"
    assert _batch(tmp_path / "in", "-o", out).exit_code == 1
    status = _batch("status", out)
    assert status.exit_code == 1
    assert "1 of 2 documents done, 1 failed" in status.output
    bad.write_bytes(good)
    assert _batch("retry", out).exit_code == 0
    assert _batch("status", out).exit_code == 0


def test_a_second_process_on_one_job_is_refused(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "out")
    code = (
        "import sys; from pathlib import Path; from dragoman.translate.ledger import Ledger\n"
        "with Ledger(Path(sys.argv[1])).locked(): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "out")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdin is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(OutputError, match="another process"), ledger.locked():
            pass
        other.stdin.close()
    with ledger.locked():
        pass


def test_two_processes_give_the_same_bytes_as_one(tmp_path: Path) -> None:
    rows = [json.dumps({"text": _SENTENCES[i % 6] + f" {i}"}, ensure_ascii=False) for i in range(140)]
    (tmp_path / "docs.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert _batch(tmp_path / "docs.jsonl", "-o", tmp_path / "one").exit_code == 0
    done = subprocess.run(
        [sys.executable, "-m", "dragoman", "batch", "docs.jsonl", "-o", "two", "--jobs", "2"], cwd=tmp_path
    )
    assert done.returncode == 0
    one, two = _contents(tmp_path / "one"), _contents(tmp_path / "two")
    results = [name for name in one if not name.startswith(".dragoman")]
    assert {name: one[name] for name in results} == {name: two[name] for name in results}


def test_what_a_killed_process_was_writing_is_taken_away(tmp_path: Path) -> None:
    _write_documents(tmp_path / "in", 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".tmp-0123456789abcdef").write_text("half", encoding="utf-8")
    assert _batch(tmp_path / "in", "-o", tmp_path / "out").exit_code == 0
    assert not list((tmp_path / "out").rglob(".tmp-*"))


_JOB = """
import sys
from pathlib import Path
from dragoman.translate.batch import run_job
from dragoman.translate.options import BatchOptions
from dragoman.translate.inputs import plan
from dragoman.translate.ledger import Ledger
from dragoman.translate.joining import finish
ledger, options = Ledger(Path(sys.argv[2])), BatchOptions(threads=1)
with ledger.locked():
    ledger.plan(options.configuration(), plan([sys.argv[1]], max_documents=2))
    for done in run_job(ledger.out, options):
        pass
    finish(ledger)
print("finished")
"""


def test_killed_at_thirty_moments_the_job_ends_in_the_same_bytes(tmp_path: Path) -> None:
    _write_documents(tmp_path / "in", 24)
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", _JOB, str(tmp_path / "in"), str(calm)], check=True)
    whole = time.monotonic() - start
    chance = random.Random(5)
    n_killed = n_partial = 0
    for _ in range(30):
        begun = time.monotonic()
        with subprocess.Popen([sys.executable, "-c", _JOB, str(tmp_path / "in"), str(rough)]) as job:
            try:
                job.wait(timeout=chance.uniform(0.1, 1.0) * whole)
                whole = time.monotonic() - begun  # the machine has become faster: kill sooner
            except subprocess.TimeoutExpired:
                os.kill(job.pid, signal.SIGKILL)
                n_killed += 1
        n_done = len(list((rough / ".dragoman" / "done").glob("*.json")))
        n_partial += 0 < n_done < 12
        if n_done == 12:
            # All is done: what is killed from here on is the joining; begin anew with half of it.
            for index in range(0, 12, 2):
                Ledger(rough).forget(index)
    subprocess.run([sys.executable, "-c", _JOB, str(tmp_path / "in"), str(rough)], check=True)
    assert n_killed >= 15
    assert n_partial >= 3
    assert _contents(rough) == _contents(calm)


def test_a_full_disk_ends_in_one_line_and_the_job_goes_on_afterwards(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small]).returncode:
        pytest.skip("only root can mount a small file system")
    try:
        _write_documents(tmp_path / "in", 40)
        result = _batch(tmp_path / "in", "-o", small / "out")
        assert result.exit_code == 1
        assert "No space left" in result.stderr
        assert result.stderr.count("Error:") == 1
        for path in (small / "out").rglob("*.en.txt"):
            assert path.read_text(encoding="utf-8").endswith("\n")
        subprocess.run(["mount", "-o", "remount,size=8m", small], check=True)
        assert _batch("resume", small / "out").exit_code == 0
        assert _batch(tmp_path / "in", "-o", tmp_path / "calm").exit_code == 0
        assert _contents(small / "out") == _contents(tmp_path / "calm")
    finally:
        subprocess.run(["umount", small], check=True)


def test_names_that_leave_no_room_for_suffixes_are_shortened_and_stay_different(tmp_path: Path) -> None:
    for last in ("ا", "ب"):
        (tmp_path / ("ط" * 120 + last + ".txt")).write_text(_SENTENCES[0], encoding="utf-8")
    names = [source.name for shard in plan([str(tmp_path)]) for source in shard.sources]
    assert len(set(names)) == 2
    assert all(len(name.encode()) <= 200 and name.endswith(".txt") for name in names)


def test_two_documents_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.txt").write_text(_SENTENCES[0], encoding="utf-8")
    with pytest.raises(InputError, match=r"same\.txt"):
        list(plan([str(tmp_path / "one" / "same.txt"), str(tmp_path / "two" / "same.txt")]))


def test_a_list_names_inputs_and_a_missing_one_is_named(tmp_path: Path) -> None:
    _write_documents(tmp_path / "in", 2)
    listed = tmp_path / "list.txt"
    listed.write_text(f"{tmp_path / 'in' / 'article00.txt'}\n\n", encoding="utf-8")
    shards = list(plan([], from_list=listed))
    assert shards[0].sources == (Source("article00.txt", str(tmp_path / "in" / "article00.txt")),)
    with pytest.raises(InputError, match="no such file or folder"):
        list(plan([str(tmp_path / "nowhere")]))


def test_a_memory_gives_back_what_people_and_earlier_jobs_made_and_offers_what_is_similar(
    tmp_path: Path,
) -> None:
    memory = tmp_path / "memory.db"
    with Memory(memory) as opened:
        opened.add([TranslationUnit(_SENTENCES[0], "A new garden was opened by the river.", origin="human")])
    (tmp_path / "in").mkdir()
    article = f"{_SENTENCES[0]} {_SENTENCES[1]}\n\n{_SENTENCES[0][:-1]} الكبير.\n"
    (tmp_path / "in" / "a.txt").write_text(article, encoding="utf-8")
    for name in ("first", "second"):
        result = _batch(tmp_path / "in", "-o", tmp_path / name, "--tm", memory)
        assert result.exit_code == 0, result.stderr
    first, second = (
        {unit.src: unit for unit in read_bitext(tmp_path / name / "a.txt.xlf").units}
        for name in ("first", "second")
    )
    assert first[_SENTENCES[0]].tgt == "A new garden was opened by the river."
    assert first[_SENTENCES[0]].origin == "tm"
    assert first[_SENTENCES[1]].origin == second[_SENTENCES[1]].origin == "mt"
    assert {src: unit.tgt for src, unit in first.items()} == {src: unit.tgt for src, unit in second.items()}
    xliff = (tmp_path / "first" / "a.txt.xlf").read_text(encoding="utf-8")
    assert xliff.count("<alt-trans") == 1
    with Memory(memory) as opened:
        stats = opened.stats()
    assert (stats.n_human, stats.n_mt) == (1, 2)


def test_documents_of_every_kind_come_back_in_their_kind(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    sentence = _SENTENCES[0]
    texts = {
        "film.srt": f"1\n00:00:01,000 --> 00:00:03,000\n{sentence}\n\n",
        "notes.md": f"# حديقة جديدة\n\n- {sentence}\n\n```\nx = 1\n```\n",
        "page.html": f'<html lang="ar" dir="rtl"><body><p>{sentence} <b>{_SENTENCES[1]}</b></p></body></html>',
        "table.csv": f"id,text\n7,{sentence}\n",
        "app.po": 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        f'msgid "{sentence}"\nmsgstr ""\n',
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    document = docx.Document()
    document.add_paragraph(sentence)
    document.save(str(folder / "letter.docx"))
    result = _batch(folder, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.stdout + result.stderr
    out = tmp_path / "out"
    made = {name: (out / name.replace(".", ".en.")).read_text(encoding="utf-8") for name in texts}
    made["letter.docx"] = docx.Document(str(out / "letter.en.docx")).paragraphs[0].text
    for name, text in made.items():
        translation = next(u.tgt for u in read_bitext(out / f"{name}.xlf").units if u.src == sentence)
        assert translation in " ".join(text.split()), name
    assert "00:00:01,000 --> 00:00:03,000" in made["film.srt"]
    assert "```\nx = 1\n```" in made["notes.md"]
    assert "<b>" in made["page.html"]
    assert 'dir="ltr"' in made["page.html"]


def test_a_glossary_flags_the_term_that_is_not_as_it_should_be(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(_SENTENCES[0], encoding="utf-8")
    glossary = tmp_path / "terms.tsv"
    glossary.write_text("البلدية\tquaestorship\n", encoding="utf-8")
    assert _batch(tmp_path / "in", "-o", tmp_path / "out", "--glossary", glossary).exit_code == 0
    assert "quaestorship" in (tmp_path / "out" / "review.tsv").read_text(encoding="utf-8")


def test_a_ledger_tells_which_settings_changed(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.plan({"beam": "4", "model": "a"}, [])
    with pytest.raises(MismatchError, match="model changed"):
        ledger.plan({"beam": "4", "model": "b"}, [])
