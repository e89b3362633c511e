"""What this machine can do: cores that the process may use, and how an engine's threads follow from them."""

import os
from pathlib import Path


def n_cores() -> int:
    """Return the CPU cores that this process may use: its affinity, and the quota of its control group."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        if quota != "max":
            cores = min(cores, max(1, int(quota) // int(period)))
    except (OSError, ValueError):
        pass
    return cores


def workers_and_threads(threads: int = 0) -> tuple[int, int]:
    """Divide CPU threads into (workers, threads a worker).

    Sentences are short and models small: batches side by side use cores better than one batch on all of them,
    until the workers contend for memory.

    Args:
        threads: threads in all, 0 for every core.
    """
    total = threads or n_cores()
    per_worker = 1 if total <= 8 else 2 if total <= 32 else 4
    return max(1, total // per_worker), per_worker
