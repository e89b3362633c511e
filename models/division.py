"""How an engine's CPU threads are divided: by rule, or as `dragoman bench` measured and remembered it.

The division changes no translation: batches depend on the sentences alone, and each is worked through by one
worker. That is why it may be remembered, while the compute type, the beam and the batch size, which do change
outputs, stay the user's choice.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from dragoman.files import write_text
from dragoman.models.catalog import cache_folder
from dragoman.models.machine import n_cores, simd


@dataclass(frozen=True, slots=True)
class Division:
    """CPU threads of an engine.

    Attributes:
        n_workers: batches translated at the same time.
        n_threads: threads of each.
    """

    n_workers: int
    n_threads: int


def by_rule(threads: int) -> Division:
    """Divide threads as suits most machines.

    Sentences are short and models small: batches side by side use cores better than one batch on all of them,
    until the workers contend for memory.

    Args:
        threads: threads in all.
    """
    per_worker = 1 if threads <= 8 else 2 if threads <= 32 else 4
    return Division(max(1, threads // per_worker), per_worker)


def candidates(threads: int) -> list[Division]:
    """Every division of so many threads into workers alike, that of the rule first."""
    rule = by_rule(threads)
    found = [Division(threads // n, n) for n in range(1, threads + 1) if threads % n == 0]
    return [rule, *(division for division in found if division != rule)]


def choose(digest: str, threads: int = 0) -> Division:
    """Return the division that was remembered for a model on this machine, else that of the rule.

    Args:
        digest: the model's digest.
        threads: threads in all, 0 for every core that the process may use.
    """
    total = threads or n_cores()
    try:
        known = json.loads(_file().read_text(encoding="utf-8"))[_key(digest, total)]
        remembered = Division(int(known["workers"]), int(known["threads"]))
    except (OSError, ValueError, KeyError, TypeError):
        return by_rule(total)
    is_sound = min(remembered.n_workers, remembered.n_threads) > 0
    return remembered if is_sound and remembered.n_workers * remembered.n_threads <= total else by_rule(total)


def remember(digest: str, threads: int, division: Division) -> Path:
    """Write a division down for `choose`; return the file.

    Raises:
        OutputError: the cache cannot be written.
    """
    path = _file()
    try:
        known = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        known = {}
    known[_key(digest, threads)] = {"workers": division.n_workers, "threads": division.n_threads}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(known, indent=1, sort_keys=True) + "\n")
    return path


def _file() -> Path:
    return cache_folder() / "divisions.json"


def _key(digest: str, threads: int) -> str:
    return f"{digest[:16]} {threads} {simd()}"
