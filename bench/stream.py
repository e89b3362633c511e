"""Streams: memory that does not grow with the corpus, and an engine that never waits.

    python bench/stream.py [--lines 1000000] [--busy 2000] [--json FILE]

Three stages, each at a tenth of the lines and at all of them, in processes of their own so that peak memory
is each one's own:

    segment     `segment_lines`; every line is two sentences, no two lines alike
    translate   `translate_stream`, greedy: NEW different sentences in all, the rest comes again
    align       `align_corpus` over documents of 50 sentences, with a translation of each

The last figure is the engine's busy share: how much of the time, from the first batch to the last result,
every worker of CTranslate2 had a batch, in a stream of different lines (beam 4), sampled 500 times a second.
Text is the project's own authored corpus.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from peak import peak_mb

AUTHORED = Path(__file__).parents[1] / "corpora" / "authored"
STAGES = ("segment", "translate", "align")
NEW = 2000
DOCUMENT = 50


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--busy", type=int, default=2000, help="lines for the busy share; 0 to leave it out")
    parser.add_argument("--stages", default=",".join(STAGES))
    parser.add_argument("--json", type=Path, help="write the figures here, for bench/compare.py")
    parser.add_argument("--stage", choices=[*STAGES, "busy"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        print(json.dumps(measure(options.stage, options.lines)))
        return
    figures: dict[str, Any] = {}
    print(f"{'stage':10} {'lines':>9} {'lines/s':>9} {'peak MB':>8}")
    for stage in filter(None, options.stages.split(",")):
        for n_lines in (options.lines // 10, options.lines):
            row = figures[f"{stage} {n_lines}"] = in_a_process(stage, n_lines)
            print(f"{stage:10} {n_lines:9,} {row['lines_per_s']:9,.0f} {row['peak_mb']:8.0f}", flush=True)
    if options.busy:
        figures["busy"] = row = in_a_process("busy", options.busy)
        print(f"busy share of the engine: {row['busy']:.3f}; {row['lines_per_s']:.1f} lines/s")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def in_a_process(stage: str, n_lines: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--stage", stage, "--lines", str(n_lines)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(stage: str, n_lines: int) -> dict[str, float]:
    work = {"segment": segment, "translate": translate, "align": align, "busy": busy}[stage]
    start = time.perf_counter()
    found = work(n_lines)
    seconds = time.perf_counter() - start
    peak = peak_mb()
    return {"lines_per_s": n_lines / seconds, "seconds": seconds, "peak_mb": peak, **found}


def segment(n_lines: int) -> dict[str, float]:
    from dragoman.corpora.segmentation import segment_lines

    src = [src for src, _ in authored()]
    rng = random.Random(1)
    lines = (f"{rng.choice(src)} {rng.choice(src)}\n" for _ in range(n_lines))
    deque(segment_lines(lines), maxlen=0)
    return {}


def translate(n_lines: int) -> dict[str, float]:
    from dragoman.translate.translation import translate_stream

    rng = random.Random(1)
    src = [src for src, _ in authored()][:NEW]
    lines = (rng.choice(src) if n % 10 else str(n) for n in range(n_lines))
    deque(translate_stream(lines, beam=1), maxlen=0)
    return {}


def align(n_lines: int) -> dict[str, float]:
    from dragoman.corpora.alignment import DocumentPair, align_corpus

    pairs = list(authored())
    rng = random.Random(1)

    def documents() -> Iterator[DocumentPair]:
        for _ in range(0, n_lines, DOCUMENT):
            rows = rng.sample(pairs, DOCUMENT)
            tgt = [tgt for _, tgt in rows]
            yield DocumentPair([src for src, _ in rows], tgt, [" ".join(row.split()[::2]) for row in tgt])

    deque(align_corpus(documents()), maxlen=0)
    return {}


def busy(n_lines: int) -> dict[str, float]:
    from dragoman.models.engine import load
    from dragoman.translate.translation import translate_stream

    rng = random.Random(1)
    src = [src for src, _ in authored()]
    lines = [f"{rng.choice(src)} {number}" for number in range(n_lines)]
    translator: Any = load(backend="ctranslate2", device="cpu")
    engine, n_workers = translator._engine, translator.info.n_workers
    samples: list[bool] = []
    is_over = threading.Event()

    def sample() -> None:
        while not is_over.wait(0.002):
            if samples or engine.num_active_batches:
                samples.append(engine.num_active_batches >= n_workers)

    watcher = threading.Thread(target=sample)
    watcher.start()
    with Path(os.devnull).open("w", encoding="utf-8") as out:
        for hypothesis in translate_stream(lines, model=translator):
            out.write(hypothesis.text + "\n")
    is_over.set()
    watcher.join()
    return {"busy": sum(samples) / len(samples)}


def authored() -> Iterator[tuple[str, str]]:
    from dragoman.models.training.config import Source
    from dragoman.models.training.sources import read_pairs

    return ((pair.ar, pair.en) for pair in read_pairs(Source("authored", "*.tsv"), (AUTHORED,)))


if __name__ == "__main__":
    main()
