"""Sentence segmentation: precision and recall by kind of boundary, speed and its growth, beside peers.

    python bench/segment.py [SET …] [--speed] [--lines 1000 10000 100000] [--longest 60] [--json FILE]

A SET is a folder with `units.jsonl` (`text`, `sents` as code-point offsets, optional `ignore`), its language
the part of its name before the first dash; by default those of $DRAGOMAN_BENCH/segment. A boundary is the
number of characters other than white space before it; the ends of a unit are free; micro-averaged.
By kind: gold boundaries, how many of them were found, traps (candidates that are no boundaries), wrong ones.
Peers (pysbd, blingfire, sentence-splitter, sentencex, nltk's Punkt without training, spaCy's sentencizer) are
measured where they are installed. Growth is measured on the authored corpus, repeated, two sentences a line,
each size in a process of its own, up to the size that would take longer than `--longest`.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from peak import peak_mb
from stream import authored

from dragoman.corpora.segment_rules import rules_for
from dragoman.corpora.segmentation import segment, segment_lines

Splitter = Callable[[str], list[str]]

_BULLET = re.compile(r"\s*(?:[-*•–—]|\(?\d{1,3}[.)])\s")
_CLOSED = re.compile(r"[.!?؟…۔]\s?[\"'”“»«’)\]}]+$")
_CANDIDATE = re.compile(r"(?:\.\.+|…|[.!?؟۔]+)[\"'”“»«’)\]}]*(?!$)")
_BASELINE = re.compile(r"(?<=[.!?؟…۔])[\"'”“»«’)\]]*\s+")


class Unit(NamedTuple):
    """A text and its gold boundaries; positions to leave out of precision."""

    text: str
    gold: frozenset[int]
    ignored: frozenset[int]


def read_units(folder: Path) -> list[Unit]:
    units = []
    for row in (folder / "units.jsonl").read_text(encoding="utf-8").split("\n"):
        if row:
            unit = json.loads(row)
            counts = count_visible(unit["text"])
            gold = frozenset(counts[end] for _, end in unit["sents"][:-1])
            units.append(Unit(unit["text"], gold, frozenset(counts[x] for x in unit.get("ignore", []))))
    return units


def count_visible(text: str) -> list[int]:
    """Return for each offset the number of characters before it that are not white space."""
    counts = [0]
    for char in text:
        counts.append(counts[-1] + (not char.isspace()))
    return counts


def kind_of(text: str, offset: int, lang: str) -> str:
    """Name the kind of a boundary or candidate at an offset."""
    left, right = text[:offset].rstrip(), text[offset:]
    if _BULLET.match(right):
        return "list item"
    if _CLOSED.search(left):
        return "quote or bracket"
    if re.search(r"(\.\.|…)$", left):
        return "ellipsis"
    if left.endswith(("?", "؟")):
        return "question mark"
    if left.endswith("!"):
        return "exclamation mark"
    if not left.endswith((".", "۔")):
        return "no mark (headline, line end)"
    if left[-2:-1].isdigit() and right[:1].isdigit():
        return "decimal"
    word = re.split(r"[\s(\[]", left[:-1])[-1]
    if (len(word) == 1 and word.isalpha()) or re.fullmatch(r"(?:[^\W\d_]\.)+[^\W\d_]", word):
        return "initial or dotted acronym"
    rules = rules_for(lang)
    if any(rules.has(kind, word.lower()) for kind in ("never", "title", "number", "maybe", "name")):
        return "abbreviation"
    return "full stop"


def found_boundaries(unit: Unit, pieces: Sequence[str]) -> set[int]:
    """Return the boundaries of a peer's sentences, which may have lost white space."""
    ends, total = set(), 0
    for piece in pieces:
        total += len("".join(piece.split()))
        ends.add(total)
    return ends - {0, count_visible(unit.text)[-1]}


def measure(units: Sequence[Unit], splitter: Splitter, lang: str) -> dict[str, object]:
    n_right = n_found = n_gold = 0
    kinds: dict[str, Counter[str]] = {}
    for unit in units:
        counts = count_visible(unit.text)
        offsets = {count: offset for offset, count in reversed(list(enumerate(counts)))}
        found = found_boundaries(unit, splitter(unit.text)) - unit.ignored
        n_right += len(found & unit.gold)
        n_found += len(found)
        n_gold += len(unit.gold)
        traps = {counts[match.end()] for match in _CANDIDATE.finditer(unit.text)} - unit.gold - unit.ignored
        for name, places in (
            ("gold", unit.gold),
            ("found", unit.gold & found),
            ("traps", traps - {0, counts[-1]}),
            ("wrong", found - unit.gold),
        ):
            for place in places:
                kinds.setdefault(kind_of(unit.text, offsets[place], lang), Counter())[name] += 1
    precision, recall = n_right / max(1, n_found), n_right / max(1, n_gold)
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(1e-9, precision + recall),
        "kinds": {kind: dict(counts) for kind, counts in sorted(kinds.items())},
    }


def split_by_marks(text: str) -> list[str]:
    """Split after marks with their closing quotes: the baseline."""
    ends = [0, *(match.end() for match in _BASELINE.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(ends)]


def splitters(lang: str) -> Iterator[tuple[str, Splitter]]:
    """Yield dragoman, a one-line baseline and the peers that are installed."""
    yield "dragoman", lambda text: [part.text for part in segment(text, lang=lang)]
    yield "regex + closing quotes", split_by_marks
    try:
        import pysbd

        yield "pysbd", pysbd.Segmenter(language=lang, clean=False).segment
    except ImportError:
        pass
    try:
        import blingfire

        yield "blingfire", lambda text: blingfire.text_to_sentences(text).split("\n")
    except (ImportError, OSError):
        pass
    try:
        import sentence_splitter

        yield "sentence-splitter", sentence_splitter.SentenceSplitter(language="en").split
    except ImportError:
        pass
    try:
        import sentencex

        yield "sentencex", lambda text: list(sentencex.segment(lang, text))
    except ImportError:
        pass
    try:
        from nltk.tokenize.punkt import PunktSentenceTokenizer

        yield "nltk punkt, untrained", PunktSentenceTokenizer().tokenize
    except ImportError:
        pass
    try:
        import spacy

        nlp = spacy.blank(lang)
        nlp.add_pipe("sentencizer")
        yield "spacy sentencizer", lambda text: [sentence.text for sentence in nlp(text).sents]
    except ImportError:
        pass


def grow(names: Sequence[str], sizes: Sequence[int], longest: float, command: list[str]) -> dict[str, Any]:
    """Time each splitter on texts of growing size, until it would take too long; print and return rows."""
    found: dict[str, Any] = {}
    for name in names:
        rate = float("inf")  # lines a second
        for size in sizes:
            if size / rate > longest:
                print(f"{name:24}{size:>10} lines: left out, more than {longest:.0f} s")
                break
            done = subprocess.run([*command, "--measure", name, str(size)], stdout=subprocess.PIPE, text=True)
            if done.returncode:
                break  # too much for it: it has said so
            row = found[f"{name} {size}"] = json.loads(done.stdout.splitlines()[-1])
            rate = size / row["seconds"]
            print(
                f"{name:24}{size:>10} lines{row['sentences']:>10} sentences{row['seconds']:>9.3f} s CPU"
                f"{row['sentences_per_cpu_s']:>12,.0f} sentences/s{row['peak_mb']:>7.0f} MB",
                flush=True,
            )
    return found


def time_one(name: str, size: int, texts: Sequence[str]) -> dict[str, float]:
    """Split a text of so many lines; CPU seconds, the best of three where it takes less than two."""
    lines = [line for text in texts for line in text.split("\n") if line.strip()]
    if not lines:
        lines = [" ".join(pair) for pair in pairwise(src for src, _ in authored())]
    chosen = (lines[index % len(lines)] for index in range(size))
    if name == "segment_lines":
        action: Callable[[], int] = lambda: sum(1 for _ in segment_lines(iter(chosen), lang="ar"))  # noqa: E731
        n_rounds = 1  # a stream, which nothing holds in memory
    else:
        text = "\n".join(chosen)
        splitter = next(splitter for found, splitter in splitters("ar") if found == name)
        action, n_rounds = lambda: len(splitter(text)), 3
    best = float("inf")
    for _ in range(n_rounds):
        start = time.process_time()
        count = action()
        best = min(best, time.process_time() - start)
        if best > 2:
            break
    peak = peak_mb()
    return {"sentences": count, "seconds": best, "sentences_per_cpu_s": count / best, "peak_mb": peak}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("sets", nargs="*", type=Path)
    parser.add_argument("--speed", action="store_true", help="time it as well")
    parser.add_argument("--lines", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--longest", type=float, default=60.0, help="CPU seconds of one measurement of speed")
    parser.add_argument("--text", type=Path, nargs="*", default=[], help="text to time instead")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path, help="write the figures there")
    arguments = parser.parse_args()
    folders = arguments.sets or sorted(
        path.parent
        for path in Path(os.environ.get("DRAGOMAN_BENCH", "../shared/bench")).glob("segment/*/units.jsonl")
    )
    figures: dict[str, object] = {
        "machine": platform.processor() or platform.machine(),
        "quality": {},
    }
    texts = [path.read_text(encoding="utf-8") for path in arguments.text]
    if arguments.measure:
        print(json.dumps(time_one(arguments.measure[0], int(arguments.measure[1]), texts)))
        return
    for folder in folders:
        units = read_units(folder)
        lang = folder.name.split("-")[0]
        print(f"{folder.name}: {len(units)} units, {sum(len(unit.gold) for unit in units)} boundaries")
        quality: dict[str, object] = {}
        for name, splitter in splitters(lang):
            start = time.process_time()
            result = measure(units, splitter, lang)
            quality[name] = result
            print(
                f"  {name:24} P {result['precision']:.3f}  R {result['recall']:.3f}  F1 {result['f1']:.3f}"
                f"  ({time.process_time() - start:.1f} s with scoring)"
            )
            if name == "dragoman":
                print(f"    {'kind':32}{'gold':>6}{'found':>7}{'recall':>8}{'traps':>7}{'wrong':>7}")
                for kind, counts in result["kinds"].items():  # type: ignore[attr-defined]
                    gold, found = counts.get("gold", 0), counts.get("found", 0)
                    recall = f"{found / gold:8.3f}" if gold else " " * 8
                    errors = f"{counts.get('traps', 0):7}{counts.get('wrong', 0):7}"
                    print(f"    {kind:32}{gold:6}{found:7}{recall}{errors}")
        figures["quality"][folder.name] = quality  # type: ignore[index]
    if arguments.speed:
        names = ["segment_lines", *(name for name, _ in splitters("ar"))]
        command = [
            sys.executable,
            __file__,
            *(["--text", *map(str, arguments.text)] if arguments.text else []),
        ]
        figures["speed"] = grow(names, arguments.lines, arguments.longest, command)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
