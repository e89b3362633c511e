"""Six real systems on flores-dev: sacreBLEU's command line to its last printed digit, and the published BLEU."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dragoman.eval.metrics import SacreMetric

# mozilla/firefox-translations-models, evaluation/ar-en
PUBLISHED = {
    "argos": 30.0,
    "opusmt": 33.9,
    "nllb": 37.5,
    "bergamot-base": 39.6,
    "microsoft": 44.0,
    "google": 46.0,
}


@pytest.fixture(scope="module")
def mt_bench() -> Path:
    """Folder with flores-dev and the outputs of six systems; it may not be in the repository."""
    named = os.environ.get("DRAGOMAN_BENCH")
    folder = (Path(named) if named else Path(__file__).parents[3] / "shared" / "bench") / "mt"
    if not (folder / "flores-dev.ar").is_file():
        pytest.skip("the MT benchmark is not on this machine (DRAGOMAN_BENCH)")
    return folder


def _lines(path: Path) -> list[str]:
    return [line.rstrip() for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


@pytest.fixture(scope="module")
def bleu(mt_bench: Path) -> SacreMetric:
    return SacreMetric("bleu", [_lines(mt_bench / "flores-dev.en")])


@pytest.mark.parametrize("system", PUBLISHED)
def test_bleu_is_the_published_one(mt_bench: Path, bleu: SacreMetric, system: str) -> None:
    found = bleu.measure(_lines(mt_bench / f"flores-dev.{system}.en")).corpus
    assert f"{found:.1f}" == f"{PUBLISHED[system]:.1f}"


def test_the_command_prints_what_sacrebleu_prints(mt_bench: Path, tmp_path: Path) -> None:
    """On 120 segments, all metrics with intervals; sacreBLEU's lines, less what we add to the signature."""
    files = [mt_bench / "flores-dev.en", mt_bench / "flores-dev.google.en"]
    ref, hyp = (tmp_path / name for name in ("ref", "hyp"))
    for source, path in zip(files, (ref, hyp), strict=True):
        path.write_text("".join(f"{line}\n" for line in _lines(source)[:120]), encoding="utf-8")
    options = ["-m", "bleu", "chrf", "ter", "--chrf-word-order", "2", "--confidence", "-f", "text", "-w", "2"]
    theirs = _run(["-m", "sacrebleu", str(ref), "-i", str(hyp), *options])
    ours = _run(["-m", "dragoman", "score", str(hyp), "-r", str(ref), "--width", "2"])
    plain = [line.replace("|mode:segment|cov:hyp=120/120,ref1=120/120,units=120", "") for line in ours]
    assert sorted(line.strip() for line in theirs) == sorted(plain)


def _run(arguments: list[str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, encoding="utf-8", check=True, env={"NO_COLOR": "1"}
    )
    return done.stdout.strip().split("\n")
