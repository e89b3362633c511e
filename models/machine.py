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


def memory_bytes() -> int:
    """Return the memory that this process may use: the machine's, or its control group's limit."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 0
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
        if limit != "max":
            total = min(total, int(limit))
    except (OSError, ValueError):
        pass
    return total


def simd() -> str:
    """Name the vector instructions that matter for int8, best first; "" where they cannot be told."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").split())
    except OSError:
        return ""
    known = {
        "amx_int8": "AMX",
        "avx512_vnni": "AVX512-VNNI",
        "avx_vnni": "AVX-VNNI",
        "avx512f": "AVX512",
        "avx2": "AVX2",
    }
    return ", ".join(name for flag, name in known.items() if flag in flags)
