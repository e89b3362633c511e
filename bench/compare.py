"""Compare two JSON files of a benchmark: the ratio of every figure, new to old.

    python bench/compare.py OLD.json NEW.json [--worse-than 0.9]

Nested tables become dotted names. With --worse-than, exit 1 when a rate (a name ending in "_per_s") fell
below that share of what it was, or a time or size rose above its inverse.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RATES = ("_per_s", "_per_cpu_s", "bleu", "f1")
COSTS = ("seconds", "_mb", "_ms")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--worse-than", type=float, default=0.0)
    options = parser.parse_args()
    old = dict(figures(json.loads(options.old.read_text(encoding="utf-8"))))
    new = dict(figures(json.loads(options.new.read_text(encoding="utf-8"))))
    n_worse = 0
    for name in sorted(old.keys() | new.keys()):
        if name not in old or name not in new:
            print(f"{name:50} {'only in ' + ('NEW' if name in new else 'OLD')}")
            continue
        ratio = new[name] / old[name] if old[name] else float("nan")
        is_worse = (name.endswith(RATES) and ratio < options.worse_than) or (
            name.endswith(COSTS) and options.worse_than > 0 and ratio > 1 / options.worse_than
        )
        n_worse += is_worse
        print(f"{name:50} {old[name]:12.3f} {new[name]:12.3f} {ratio:8.3f}{'  WORSE' if is_worse else ''}")
    sys.exit(1 if n_worse else 0)


def figures(value: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Yield the numbers of nested tables and lists with dotted names."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield name, float(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from figures(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from figures(item, f"{name}.{i}")


if __name__ == "__main__":
    main()
