"""Speed of a whole comparison, page included, beside `sacrebleu --paired-bs` on the same files.

    python bench/score.py [MT_FOLDER] [--page/--no-page]

Seven systems (the six of the folder, and one made of two of them), 997 segments, 1,000 bootstrap samples, and
BLEU, chrF++ and TER. MT_FOLDER is $DRAGOMAN_BENCH/mt by default. Both run as commands, one after the other;
CPU seconds tell more than wall time on a machine that does other things.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SYSTEMS = ("argos", "opusmt", "nllb", "bergamot-base", "microsoft", "google")


def timed(arguments: list[str]) -> tuple[str, float, float]:
    """Run a command: standard output, wall seconds, CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", *arguments], capture_output=True, encoding="utf-8", check=True
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", default=f"{os.environ.get('DRAGOMAN_BENCH', '.')}/mt", type=Path)
    parser.add_argument("--page", action=argparse.BooleanOptionalAction, default=True)
    given = parser.parse_args()
    folder: Path = given.folder
    with tempfile.TemporaryDirectory() as scratch:
        mixed = Path(scratch) / "flores-dev.mixed.en"
        texts = [
            (folder / f"flores-dev.{name}.en").read_text(encoding="utf-8").split("\n") for name in SYSTEMS[:2]
        ]
        mixed.write_text("\n".join(texts[i % 10 == 0][i] for i in range(len(texts[0]))), encoding="utf-8")
        files = [*(str(folder / f"flores-dev.{name}.en") for name in SYSTEMS), str(mixed)]
        reference, source = str(folder / "flores-dev.en"), str(folder / "flores-dev.ar")
        form, out = (
            ("html", Path(scratch) / "page.html") if given.page else ("json", Path(scratch) / "c.json")
        )
        names = [part for name in (*SYSTEMS, "mixed") for part in ("--name", name)]
        ours = ["dragoman", "compare", *files, "-r", reference, "-s", source, *names]
        theirs = ["sacrebleu", reference, "-i", *files, "-m", "bleu", "chrf", "ter", "--chrf-word-order", "2"]
        _, wall, cpu = timed([*ours, "--format", form, "-o", str(out)])
        print(
            f"dragoman compare --format {form}: {wall:.1f} s wall, {cpu:.1f} s CPU, "
            f"{out.stat().st_size:,} bytes"
        )
        _, wall, cpu = timed([*theirs, "--paired-bs", "-f", "latex", "-q"])
        print(f"sacrebleu --paired-bs: {wall:.1f} s wall, {cpu:.1f} s CPU")
        if form == "json":
            for system in json.loads(out.read_text(encoding="utf-8"))["systems"]:
                print(system["name"], *(f"{m['name']} {m['score']:.1f}" for m in system["metrics"]))


if __name__ == "__main__":
    main()
