"""Quality, time and memory of sentence alignment, beside Gale-Church (nltk).

    python bench/align.py [--bench FOLDER] [--made FOLDER] [--sizes 1000 5000 20000 100000]

FOLDER (or DRAGOMAN_BENCH) holds `align/textberg-dev` and `align/parice`; `--made` names sets that
`bench/align_build.py` wrote. Growth is measured on made-up text, unique and repeated, each size in a process
of its own.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dragoman.corpora.alignment import DocumentPair, align, align_corpus
from dragoman.corpora.bead_files import Span, bead_spans, read_ladder
from dragoman.eval.alignment import score_beads, score_spans


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def sets(bench: Path, made: Path | None) -> Iterator[tuple[str, list[DocumentPair], list[list[Span]]]]:
    folder = bench / "align" / "textberg-dev"
    src, tgt, gold = lines(folder / "dev.src"), lines(folder / "dev.tgt"), read_ladder(folder / "dev.gold")
    google, light = lines(folder / "dev.s2t.google"), lines(folder / "dev.s2t.europarllight")
    yield "textberg-dev, Google", [DocumentPair(src, tgt, google)], [gold]
    both = DocumentPair(src, tgt, google, lines(folder / "dev.t2s.google"))
    yield "textberg-dev, Google both ways", [both], [gold]
    yield "textberg-dev, small SMT", [DocumentPair(src, tgt, light)], [gold]
    yield "textberg-dev, no MT", [DocumentPair(src, tgt)], [gold]
    paths = sorted((bench / "align" / "parice").glob("*.gold"))
    documents = [DocumentPair(lines(p.with_suffix(".src")), lines(p.with_suffix(".tgt"))) for p in paths]
    yield "parice, no MT", documents, [read_ladder(p) for p in paths]
    for kind in ("authored", "freer", "moved", "verses") if made else ():
        paths = sorted(Path(str(made)).glob(f"{kind}-*.gold"))
        if not paths:
            continue
        plain = [DocumentPair(lines(p.with_suffix(".src")), lines(p.with_suffix(".tgt"))) for p in paths]
        with_mt = [
            DocumentPair(pair.src, pair.tgt, lines(p.with_suffix(".s2t.starter")))
            for pair, p in zip(plain, paths, strict=True)
            if p.with_suffix(".s2t.starter").exists()
        ]
        gold_beads = [read_ladder(p) for p in paths]
        if len(with_mt) == len(plain):
            yield f"{kind}, starter MT", with_mt, gold_beads
        yield f"{kind}, no MT", plain, gold_beads


def gale_church(pair: DocumentPair) -> list[Span]:
    """Align by nltk's Gale-Church; it returns pairs of sentences, which are joined to beads here."""
    from nltk.translate.gale_church import align_blocks

    links = align_blocks([len(s) for s in pair.src], [len(t) for t in pair.tgt])
    beads: list[tuple[set[int], set[int]]] = []
    for i, j in links:
        if beads and (i in beads[-1][0] or j in beads[-1][1]):
            beads[-1][0].add(i)
            beads[-1][1].add(j)
        else:
            beads.append(({i}, {j}))
    return [(tuple(sorted(src)), tuple(sorted(tgt))) for src, tgt in beads]


def print_quality(bench: Path, made: Path | None) -> None:
    print(f"{'set':32}{'strict':>7}{'lax':>7}{'null F1':>8}{'ECE':>7}{'s CPU':>7}{'G.-C.':>14}")
    for name, documents, gold in sets(bench, made):
        start = time.process_time()
        beads = list(align_corpus(documents))
        seconds = time.process_time() - start
        score = score_beads(gold, beads)
        peer = _peer(gale_church, documents, gold)
        nulls, error = score.tgt_nulls.f1, score.calibration_error or 0
        print(
            f"{name:32}{score.strict.f1:7.3f}{score.lax.f1:7.3f}{nulls:8.3f}{error:7.3f}"
            f"{seconds:7.1f}{peer:>14}",
            flush=True,
        )


def _peer(
    aligner: Callable[[DocumentPair], list[Span]], documents: Sequence[DocumentPair], gold: list[list[Span]]
) -> str:
    try:
        return f"{score_spans(gold, [aligner(document) for document in documents]).strict.f1:.3f}"
    except (ImportError, ValueError, RecursionError) as error:
        return type(error).__name__


Text = tuple[list[str], list[str], list[str], list[Span]]


def made_up(size: int, repeat: int, seed: int = 1) -> Text:
    """Make `size` sentences of a Zipf vocabulary with splits, merges, drops and a 65% right MT.

    The sentences repeat after `repeat` of them.
    """
    draw = random.Random(seed)
    syllables = [c + v for c in "bcdfghjklmnpqrstvwz" for v in "aeiou"]
    words = [
        ["".join(draw.choices(syllables, k=draw.randint(1, 4))) for _ in range(30_000)] for _ in range(2)
    ]
    weights = [0.0]
    for rank in range(30_000):
        weights.append(weights[-1] + 1 / (rank + 2))
    kept = [
        draw.choices(range(30_000), cum_weights=weights[1:], k=max(3, int(draw.gauss(16, 6))))
        for _ in range(min(size, repeat))
    ]
    src: list[str] = []
    mt: list[str] = []
    tgt: list[str] = []
    gold: list[Span] = []
    for number in range(size):
        ids = kept[number % len(kept)]
        theirs, ours = [words[0][k] for k in ids], [words[1][k] for k in ids]
        guess = [word if draw.random() < 0.65 else draw.choice(words[1]) for word in ours]
        chance, half = draw.random(), len(ids) // 2
        cut = [slice(0, half), slice(half, None)]
        whole = [slice(None)]
        src_cuts = [] if chance < 0.05 else cut if chance < 0.11 and half > 2 else whole
        tgt_cuts = [] if 0.11 <= chance < 0.16 else cut if 0.16 <= chance < 0.24 and half > 2 else whole
        here, there = len(src), len(tgt)
        src += [" ".join(theirs[part]) for part in src_cuts]
        mt += [" ".join(guess[part]) for part in src_cuts]
        tgt += [" ".join(ours[part]) for part in tgt_cuts]
        gold.append((tuple(range(here, len(src))), tuple(range(there, len(tgt)))))
    return src, mt, tgt, gold


def measure(size: int, repeat: int, with_mt: bool) -> None:
    src, mt, tgt, gold = made_up(size, repeat)
    wall, cpu = time.perf_counter(), time.process_time()
    beads = align(src, tgt, mt=mt if with_mt else None)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    strict = score_spans([gold], [bead_spans(beads)]).strict.f1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    kind = "same" if repeat == 1 else f"repeats after {repeat}" if repeat < size else "unique"
    print(
        f"{size:>8} {kind:22}{'MT' if with_mt else 'no MT':6} strict {strict:.3f}"
        f"  {wall:6.1f} s  {cpu:6.1f} s CPU  {peak:.2f} GB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bench", type=Path, default=os.environ.get("DRAGOMAN_BENCH"))
    parser.add_argument("--made", type=Path)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 5_000, 20_000, 100_000])
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        measure(int(args.measure[0]), int(args.measure[1]), args.measure[2] == "mt")
        return
    if args.bench:
        print_quality(args.bench, args.made)
    for size in args.sizes:
        for repeat, hypothesis in ((10**9, "mt"), (10**9, "none"), (1_000, "mt"), (1, "mt")):
            command = [sys.executable, __file__, "--measure", str(size), str(repeat), hypothesis]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
