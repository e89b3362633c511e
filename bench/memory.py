"""Translation memory at a million units: time to import, exact and fuzzy look-ups, size.

Sources are random sentences of a Zipf-distributed vocabulary of Arabic-like words (a real corpus of this size
cannot be shipped); queries are stored sentences with a word replaced, dropped or added.

    python bench/memory.py [--units 1000000] [--file /tmp/bench.tm]
"""

import argparse
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from dragoman.corpora.memory import Memory
from dragoman.units import TranslationUnit

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"


def vocabulary(n_words: int, rng: random.Random) -> tuple[list[str], list[float]]:
    words = list({"".join(rng.choices(LETTERS, k=rng.randint(2, 8))) for _ in range(n_words)})
    words.sort()
    rng.shuffle(words)
    total, cumulative = 0.0, []
    for rank in range(1, len(words) + 1):
        total += 1 / (rank + 2.7)
        cumulative.append(total)
    return words, cumulative


def sentences(n_units: int, rng: random.Random) -> Iterator[str]:
    words, cumulative = vocabulary(120_000, rng)
    for _ in range(n_units):
        yield " ".join(rng.choices(words, cum_weights=cumulative, k=max(3, round(rng.gauss(16, 7)))))


def edited(sentence: str, rng: random.Random) -> str:
    words = sentence.split()
    for _ in range(max(1, len(words) // 8)):
        at = rng.randrange(len(words))
        kind = rng.randrange(3)
        words[at : at + (kind != 0)] = (
            [] if kind == 1 and len(words) > 2 else ["".join(rng.choices(LETTERS, k=5))]
        )
    return " ".join(words)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--file", type=Path, default=Path("bench.tm"))
    arguments = parser.parse_args()
    rng = random.Random(7)
    asked: list[str] = []
    stride = max(1, arguments.units // arguments.queries)

    def units() -> Iterator[TranslationUnit]:
        for index, src in enumerate(sentences(arguments.units, rng)):
            if index % stride == 0:
                asked.append(src)
            yield TranslationUnit(src, f"translation {index}", origin="human")

    with Memory(arguments.file) as memory:
        if memory.stats().n_sources == 0:
            start = time.perf_counter()
            memory.add(units())
            print(f"import {time.perf_counter() - start:.0f} s")
            start = time.perf_counter()
            memory.optimise()
            print(f"optimise {time.perf_counter() - start:.0f} s")
        else:
            asked = [src for index, src in enumerate(sentences(arguments.units, rng)) if index % stride == 0]
        stats = memory.stats()
        print(f"{stats.n_sources} sources, {stats.n_bytes / 2**20:.0f} MiB")
        queries = [edited(src, rng) for src in asked]
        for name, look_up, texts in (
            ("exact", memory.lookup, asked),
            ("fuzzy", memory.fuzzy, queries),
            ("fuzzy, again", memory.fuzzy, queries),
        ):
            wall, cpu, found = [], [], 0
            for text in texts:
                start, start_cpu = time.perf_counter(), time.process_time()
                found += bool(look_up(text))
                wall.append(1000 * (time.perf_counter() - start))
                cpu.append(1000 * (time.process_time() - start_cpu))
            ordered = sorted(cpu)
            print(
                f"{name}: {found}/{len(texts)} found; ms wall median {statistics.median(wall):.2f}, "
                f"cpu median {statistics.median(cpu):.2f}, p95 {ordered[len(ordered) * 95 // 100]:.2f}, "
                f"max {ordered[-1]:.2f}"
            )


if __name__ == "__main__":
    main()
