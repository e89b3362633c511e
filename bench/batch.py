"""The batch job as a whole: mixed formats and broken documents, memory, and speed beside the engine alone.

    python bench/batch.py folder                     # 500 documents of 12 formats, 10 of them broken
    python bench/batch.py memory [--documents 200000]
    python bench/batch.py speed --text FILE... [--rounds 2]

`folder` runs `dragoman batch` on a folder that it builds, and `resume` on the finished job.

`memory` takes short documents in one JSONL file and prints the peak memory of the process. A document is its
number and two of 12 short sentences; since a shard translates equal segments once, and the beam is 1, this
takes minutes. What is held in memory does not depend on that: every document has segments, checks and rows.

`speed` compares segments/s of the job, from reading to the last file, with CTranslate2 on the same segments,
tokenised, sorted and batched beforehand. TEXT is a text a line, ten lines make a document; the model is
loaded once, before. Both are measured in turns, and the best round of each counts.
"""

import argparse
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docx

from dragoman.corpora.reading import read_text
from dragoman.corpora.segmentation import segment
from dragoman.models.engine import Decoding, Translator, load
from dragoman.translate import recall
from dragoman.translate.batch import run_job
from dragoman.translate.batching import batches, max_tgt_tokens
from dragoman.translate.inputs import plan
from dragoman.translate.joining import finish, summarise
from dragoman.translate.ledger import Ledger
from dragoman.translate.options import BatchOptions
from dragoman.translate.stored_units import read_stored
from dragoman.translate.survey import repeated_lines
from dragoman.units import Role

SAMPLE = Path(__file__).parents[1] / "corpora" / "samples" / "harbour.ar.txt"
SHORT = [
    f"{verb} {noun}."
    for verb, noun in itertools.product(
        ("وصل الوزير إلى", "زار الطلاب", "رأينا أمس"),
        ("المدينة", "المدرسة الجديدة", "المتحف", "الميناء القديم"),
    )
]
N_BROKEN = 10


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("folder")
    memory = commands.add_parser("memory")
    memory.add_argument("--documents", type=int, default=200_000)
    speed = commands.add_parser("speed")
    speed.add_argument("--text", type=Path, nargs="+", required=True)
    speed.add_argument("--rounds", type=int, default=2)
    speed.add_argument("--beam", type=int, default=4)
    speed.add_argument("--model", default="starter-ar-en")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.command == "folder":
            mixed_folder(Path(folder))
        elif options.command == "memory":
            peak_memory(Path(folder), options.documents)
        else:
            compare_speed(Path(folder), options)


def mixed_folder(folder: Path) -> None:
    source, out = folder / "in", folder / "out"
    n_documents = build(source)
    print(f"{n_documents} documents, {N_BROKEN} of them broken")
    code, seconds, _ = dragoman("batch", str(source), "-o", str(out))
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    errors = (out / "errors.tsv").read_text(encoding="utf-8").count("\n") - 1
    print(
        f"batch: exit code {code}, {summary['n_done']} done, {errors} error rows, "
        f"{summary['n_segments']} segments, {seconds:.1f} s"
    )
    before = state(out)
    code, seconds, _ = dragoman("batch", "resume", str(out))
    n_touched = sum(before.get(name) != found for name, found in state(out).items())
    print(f"resume: exit code {code}, {n_touched} of {len(before)} files touched, {seconds:.1f} s")


def build(folder: Path) -> int:
    """Write 500 documents and return how many they are: 41 of each of 11 formats, 40 rows, 9 broken files."""
    sentences = [
        part.text
        for part in segment(read_text(SAMPLE.read_text(encoding="utf-8")))
        if part.role is Role.BODY and len(part.text.split()) > 4
    ]
    for number in range(41):
        chosen = random.Random(number).sample(sentences, 3)
        for name, content in documents(number, chosen):
            path = folder / f"part{number % 4}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        document = docx.Document()
        document.add_heading(f"خبر رقم {number}", level=1)
        for sentence in chosen:
            document.add_paragraph(sentence)
        document.save(str(folder / f"part{number % 4}" / f"letter{number}.docx"))
    rows = [
        json.dumps({"id": f"r{i}", "text": " ".join(random.Random(i).sample(sentences, 2))})
        for i in range(39)
    ]
    (folder / "rows.jsonl").write_text("\n".join([*rows, '{"id": "r39", "text": ']) + "\n", encoding="utf-8")
    whole = (folder / "part0" / "letter0.docx").read_bytes()
    broken = {
        "empty.txt": b"",
        "picture.txt": b"\x89PNG\r\n\x1a\n" + bytes(200),
        "english.txt": b"This article is in another language altogether.\n",
        "cut.docx": whole[: len(whole) // 2],
        "no.docx": b"not a package",
        "cut.xlf": b'<xliff version="1.2"><file>',
        "cut.tmx": b'<tmx version="1.4"><header/><body><tu>',
        "empty.html": b"<html><body></body></html>",
        "marks.md": b"***\n\n---\n",
    }
    for name, data in broken.items():
        (folder / f"broken-{name}").write_bytes(data)
    return sum(1 for path in folder.rglob("*.*") if path.suffix != ".jsonl") + 40


def documents(number: int, chosen: list[str]) -> Iterator[tuple[str, str]]:
    """Yield a text document of each kind: name and content."""
    cues = [f"00:00:0{i}.000 --> 00:00:0{i + 1}.000" for i in range(3)]
    yield f"article{number}.txt", f"خبر رقم {number}\n\n{' '.join(chosen)}\n"
    yield f"notes{number}.md", f"# خبر رقم {number}\n\n- {chosen[0]}\n- **{chosen[1]}**\n\n```\nx = 1\n```\n"
    yield (
        f"page{number}.html",
        f'<html lang="ar" dir="rtl"><head><title>خبر {number}</title></head><body>'
        f"<p>{chosen[0]} <a href='#x'>{chosen[1]}</a></p><p>{chosen[2]}</p></body></html>",
    )
    yield (
        f"film{number}.srt",
        "".join(f"{i + 1}\n{cue.replace('.', ',')}\n{chosen[i]}\n\n" for i, cue in enumerate(cues)),
    )
    yield (
        f"clip{number}.vtt",
        "WEBVTT\n\n" + "".join(f"{c}\n{s}\n\n" for c, s in zip(cues, chosen, strict=True)),
    )
    yield (
        f"app{number}.po",
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        + "".join(f'msgid {json.dumps(s, ensure_ascii=False)}\nmsgstr ""\n\n' for s in chosen),
    )
    yield (
        f"memo{number}.xlf",
        '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="m" '
        'source-language="ar" target-language="en" datatype="plaintext"><body>'
        + "".join(f'<trans-unit id="{i}"><source>{s}</source></trans-unit>' for i, s in enumerate(chosen))
        + "</body></file></xliff>",
    )
    yield (
        f"memo{number}.xliff",
        '<xliff version="2.1" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="ar" trgLang="en">'
        '<file id="f">'
        + "".join(
            f'<unit id="{i}"><segment><source>{s}</source></segment></unit>' for i, s in enumerate(chosen)
        )
        + "</file></xliff>",
    )
    yield (
        f"units{number}.tmx",
        '<tmx version="1.4"><header creationtool="x" creationtoolversion="1" segtype="sentence" o-tmf="x" '
        'adminlang="en" srclang="ar" datatype="plaintext"/><body>'
        + "".join(f'<tu><tuv xml:lang="ar"><seg>{s}</seg></tuv></tu>' for s in chosen)
        + "</body></tmx>",
    )
    yield f"table{number}.csv", "id,text\n" + "".join(f'{i},"{s}"\n' for i, s in enumerate(chosen))


def peak_memory(folder: Path, n_documents: int) -> None:
    chance = random.Random(3)
    with (folder / "docs.jsonl").open("w", encoding="utf-8") as stream:
        for number in range(n_documents):
            text = f"{number}\n\n{' '.join(chance.sample(SHORT, 2))}"
            stream.write(json.dumps({"id": f"d{number}", "text": text}, ensure_ascii=False) + "\n")
    code, seconds, peak = dragoman(
        "batch", str(folder / "docs.jsonl"), "-o", str(folder / "out"), "--beam", "1"
    )
    summary = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))
    print(
        f"{summary['n_done']} documents, {summary['n_segments']} segments: exit code {code}, "
        f"{seconds:.0f} s, peak memory {peak / 2**20:.0f} MiB"
    )
    _, seconds, peak = dragoman("batch", "resume", str(folder / "out"))
    print(f"resume: {seconds:.0f} s, peak memory {peak / 2**20:.0f} MiB")


def dragoman(*arguments: str) -> tuple[int, float, int]:
    """Run the command; return exit code, seconds and peak resident bytes."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "dragoman", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, time.perf_counter() - start, usage.ru_maxrss * 1024


def state(out: Path) -> dict[str, tuple[int, bytes]]:
    """Date and bytes of everything that a job has written."""
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes())
        for path in out.rglob("*")
        if path.is_file() and path.name != "lock"
    }


def compare_speed(folder: Path, options: argparse.Namespace) -> None:
    lines = [line.partition("\t")[0] for path in options.text for line in path.read_text("utf-8").split("\n")]
    lines = [line for line in dict.fromkeys(lines) if line.strip()]
    source = folder / "in"
    source.mkdir()
    for start in range(0, len(lines), 10):
        (source / f"{start:06d}.txt").write_text("\n\n".join(lines[start : start + 10]), encoding="utf-8")
    engine = load(options.model)
    recall.load = lambda *_, **__: engine  # one model for both, loaded before
    job, job_options = folder / "first", BatchOptions(model=options.model, beam=options.beam)
    batch(source, job, job_options)  # to know the segments
    ledger = Ledger(job)
    parts = [ledger.parts(shard.index) / "units.jsonl" for shard in ledger.shards()]
    segments = list(dict.fromkeys(stored.unit.src for stored in read_stored(parts)))
    n_segments = summarise(ledger).n_segments
    tokens = engine.tokenise(segments)
    print(f"{len(lines)} lines, {n_segments} segments, {sum(map(len, tokens))} tokens", flush=True)
    best: dict[str, float] = {}
    for number in range(options.rounds):
        runs: dict[str, Callable[[], float]] = {
            "engine": lambda: raw(engine, tokens, options.beam),
            "batch": lambda number=number: batch(source, folder / f"out{number}", job_options),  # type: ignore[misc]
        }
        for name, run in runs.items():
            seconds = run()
            best[name] = min(seconds, best.get(name, seconds))
            print(f"{name}: {n_segments / seconds:.1f} segments/s, {seconds:.1f} s", flush=True)
    print(f"batch / engine: {best['engine'] / best['batch']:.2f}")


def batch(source: Path, out: Path, options: BatchOptions) -> float:
    """Do a job and return the seconds it took."""
    start = time.perf_counter()
    ledger = Ledger(out)
    with ledger.locked():
        ledger.plan(options.configuration(), plan([str(source)]), survey=repeated_lines)
        for _ in run_job(out, options):
            pass
        finish(ledger)
    return time.perf_counter() - start


def raw(engine: Translator, tokens: list[list[str]], beam: int) -> float:
    """Translate tokens that are ready, and return the seconds it took; nothing is done with the answers."""
    chosen = [[tokens[i] for i in batch] for batch in batches([len(row) for row in tokens], 1024)]
    start = time.perf_counter()
    pending = [
        engine.submit(rows, Decoding(beam=beam, max_tgt_tokens=max_tgt_tokens(len(rows[0]), 512)))
        for rows in chosen
    ]
    for one in pending:
        for future in one.results:  # type: ignore[attr-defined]  # without detokenising
            future.result()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
