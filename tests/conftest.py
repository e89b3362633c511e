"""Development benchmarks that cannot be in the repository: their tests skip where they are absent."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def mt_bench() -> Path:
    """Folder with flores-dev and the outputs of six systems."""
    named = os.environ.get("DRAGOMAN_BENCH")
    folder = (Path(named) if named else Path(__file__).parents[2] / "shared" / "bench") / "mt"
    if not (folder / "flores-dev.ar").is_file():
        pytest.skip("the MT benchmark is not on this machine (DRAGOMAN_BENCH)")
    return folder
