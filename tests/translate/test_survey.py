"""Lines that several articles of a job hold are set apart, and the job stays the same however it is cut off."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from dragoman.cli import dragoman
from dragoman.corpora.bitexts import read_bitext
from dragoman.translate.inputs import plan
from dragoman.translate.ledger import Ledger
from dragoman.translate.survey import repeated_lines

_BOX = "نرسل إليكم كل صباح خلاصة ما كتبه مراسلونا في المدن والقرى، بلا ثمن وبلا إعلانات من أي نوع."
_ARTICLES = (
    "افتتحت البلدية سوقا جديدة للخضار في وسط المدينة بعد سنتين من العمل المتواصل.",
    "وصل القطار الأول إلى المحطة الجنوبية صباح اليوم وعلى متنه مئة من الركاب.",
    "أعلنت الجامعة أسماء الفائزين في مسابقة الشعر وقالت إن الحفل يقام في الخريف.",
    "قال الطبيب إن المستشفى استقبل في يوم واحد أكثر من أربعين جريحا.",
)


def _batch(*args: str | Path) -> Result:
    return CliRunner().invoke(dragoman, ["batch", *map(str, args)])


def _article(i: int) -> str:
    return f"{_ARTICLES[i]}\n\n{_ARTICLES[i][:-1]} كما كان متوقعا.\n\n{_BOX}\n"


def _write(folder: Path) -> None:
    folder.mkdir()
    for i in range(3):
        (folder / f"a{i}.txt").write_text(_article(i), encoding="utf-8")


def test_a_box_under_every_article_is_not_translated_and_accounted_for(tmp_path: Path) -> None:
    _write(tmp_path / "in")
    out = tmp_path / "out"
    assert _batch(tmp_path / "in", "-o", out).exit_code == 0
    for i in range(3):
        assert len(read_bitext(out / f"a{i}.txt.xlf").units) == 2
    account = (out / "set_apart.tsv").read_text(encoding="utf-8")
    assert account.count("stands in several articles of this job") == account.count(_BOX) == 3
    assert _batch(tmp_path / "in", "-o", tmp_path / "all", "--keep-all").exit_code == 0
    assert len(read_bitext(tmp_path / "all" / "a0.txt.xlf").units) == 3


def test_rows_of_jsonl_are_surveyed_and_documents_of_other_formats_translated_whole(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    rows = [json.dumps({"id": i, "text": _article(i)}) + "\n" for i in range(2)]
    (tmp_path / "in" / "rows.jsonl").write_text("".join(rows) + "{broken\n", encoding="utf-8")
    (tmp_path / "in" / "b.txt").write_bytes(_article(2).replace("\n", "\r\n").encode("windows-1256"))
    (tmp_path / "in" / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    for i in range(3):
        (tmp_path / "in" / f"page{i}.html").write_text(f"<p>{_ARTICLES[3]}</p>", encoding="utf-8")
    shards = list(plan([str(tmp_path / "in")]))
    assert len(repeated_lines(shards)) == 1


def test_going_on_and_a_changed_article_end_in_what_a_new_job_gives(tmp_path: Path) -> None:
    _write(tmp_path / "in")
    out = tmp_path / "out"
    assert _batch(tmp_path / "in", "-o", out).exit_code == 0
    ledger = Ledger(out)
    assert len(ledger.repeated()) == 1
    ledger.forget(0)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file() and path.name != "lock"}
    assert _batch("resume", out).exit_code == 0
    assert {path: path.read_bytes() for path in before} == before
    # Without the third article the box is nobody's furniture any more.
    (tmp_path / "in" / "a2.txt").write_text(_ARTICLES[3], encoding="utf-8")
    assert _batch(tmp_path / "in", "-o", out).exit_code == 0
    assert not ledger.repeated()
    assert len(read_bitext(out / "a0.txt.xlf").units) == 3
    assert _batch(tmp_path / "in", "-o", tmp_path / "new").exit_code == 0
    for path in (tmp_path / "new").rglob("*"):
        if path.is_file() and path.name != "lock":
            assert (out / path.relative_to(tmp_path / "new")).read_bytes() == path.read_bytes(), path
