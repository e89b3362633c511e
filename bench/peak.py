"""The peak memory of this process alone."""

import resource
from pathlib import Path


def peak_mb() -> float:
    """Return the most memory that this process had, in MB.

    Linux counts in `ru_maxrss` what the process had before it became this program: its parent's memory.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
