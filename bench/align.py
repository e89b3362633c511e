"""Quality, time and memory of sentence alignment, beside Gale-Church (nltk, galechurch).

    python bench/align.py [--bench FOLDER] [--made FOLDER] [--sizes 1000 10000 100000] [--json FILE]

FOLDER (or DRAGOMAN_BENCH) holds `align/textberg-dev` and `align/parice`; `--made` names sets that
`bench/align_build.py` wrote. Growth is measured on made-up text, unique and repeated, each size in a process
of its own, beside the peers that are installed, until one would take longer than `--longest`.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from peak import peak_mb

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
        for hypothesis, documents in (("starter MT", with_mt), ("no MT", plain)):
            if len(documents) == len(plain):
                yield f"{kind}, {hypothesis}", documents, gold_beads
                yield f"{kind}, {hypothesis}, model asked", _asking(documents), gold_beads


def _asking(documents: Sequence[DocumentPair]) -> list[DocumentPair]:
    """Let the bundled model decide where the rest leaves doubt, as `dragoman align --model` does."""
    from dragoman.translate.likelihood import pair_scorer

    score = pair_scorer()
    return [replace(document, score_pairs=score) for document in documents]


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


def galechurch(pair: DocumentPair) -> list[Span]:
    """Align by the package galechurch."""
    import galechurch as peer

    found = peer.align(list(pair.src), list(pair.tgt), max_block_size=10**12)
    return [
        (tuple(range(b.source_start, b.source_end)), tuple(range(b.target_start, b.target_end)))
        for b in found.beads
    ]


ALIGNERS: dict[str, Callable[[DocumentPair], list[Span]]] = {
    "dragoman": lambda pair: bead_spans(align(pair.src, pair.tgt, mt=pair.mt)),
    "Gale-Church (nltk)": gale_church,
    "galechurch": galechurch,
}


def measure(name: str, size: int, repeat: int, with_mt: bool) -> dict[str, float]:
    src, mt, tgt, gold = made_up(size, repeat)
    pair = DocumentPair(src, tgt, mt if with_mt else None)
    wall, cpu = time.perf_counter(), time.process_time()
    spans = ALIGNERS[name](pair)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = peak_mb()
    strict = score_spans([gold], [spans]).strict.f1
    return {"strict_f1": strict, "seconds": wall, "cpu_seconds": cpu, "peak_mb": peak}


def grow(sizes: Sequence[int], longest: float) -> dict[str, dict[str, float]]:
    """Measure each aligner on texts of growing size, until it would take too long; print and return rows."""
    found: dict[str, dict[str, float]] = {}
    for name, repeat, hypothesis in (
        ("dragoman", 10**9, "mt"),
        ("dragoman", 10**9, "none"),
        ("dragoman", 1_000, "mt"),
        ("dragoman", 1, "mt"),
        *((peer, 10**9, "none") for peer in list(ALIGNERS)[1:]),
    ):
        content = "same" if repeat == 1 else f"repeats after {repeat}" if repeat < 10**9 else "unique"
        what = f"{name}, {content}, {'MT' if hypothesis == 'mt' else 'no MT'}"
        rate = float("inf")
        for size in sizes:
            if size / rate > longest:
                print(f"{what:44}{size:>9} left out, more than {longest:.0f} s")
                break
            command = [sys.executable, __file__, "--measure", name, str(size), str(repeat), hypothesis]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
            if done.returncode:
                break  # not installed, or too much for it: it has said so
            row = found[f"{what} {size}"] = json.loads(done.stdout)
            rate = size / row["cpu_seconds"]
            print(
                f"{what:44}{size:>9} strict {row['strict_f1']:.3f}  {row['seconds']:7.1f} s"
                f"  {row['cpu_seconds']:7.1f} s CPU  {row['peak_mb']:6.0f} MB",
                flush=True,
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bench", type=Path, default=os.environ.get("DRAGOMAN_BENCH"))
    parser.add_argument("--made", type=Path)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 5_000, 20_000, 100_000])
    parser.add_argument(
        "--longest", type=float, default=300.0, help="CPU seconds of one measurement of growth"
    )
    parser.add_argument("--json", type=Path, help="write the growth there, for bench/compare.py")
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        name, size, repeat, hypothesis = args.measure
        print(json.dumps(measure(name, int(size), int(repeat), hypothesis == "mt")))
        return
    if args.bench:
        print_quality(args.bench, args.made)
    found = grow(args.sizes, args.longest)
    if args.json:
        args.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
