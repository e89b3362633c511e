"""Fit the curve that makes an alignment's posteriors confidences, and check it.

    python bench/align_confidence.py MADE [--bench FOLDER]

MADE holds sets that `bench/align_build.py` wrote with another seed than those that figures are quoted on;
made-up text is added to them. Every set weighs the same, verses a quarter: their gold joins what no aligner
would join, so that they stand for translations freer than articles, without ruling the fit. FOLDER (or
DRAGOMAN_BENCH) holds sets that the curve is checked on, not fitted.
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from align import lines, made_up, sets
from numpy.typing import NDArray
from scipy.optimize import minimize

from dragoman.corpora import align_passes
from dragoman.corpora.align_best import Step
from dragoman.corpora.align_confidence import confidence, log_odds
from dragoman.corpora.alignment import DocumentPair, align_corpus
from dragoman.corpora.bead_files import Span, bead_spans, read_ladder
from dragoman.eval.alignment import expected_calibration_error, reliability

_VERSES_WEIGHT = 0.25
Outcomes = tuple[NDArray[np.float64], NDArray[np.bool_], list[float]]  # log-odds, right or wrong, confidences


def training_sets(made: Path) -> Iterator[tuple[str, list[DocumentPair], list[list[Span]]]]:
    kinds = sorted({path.name.rpartition("-")[0] for path in made.glob("*.gold")})
    for kind in kinds:
        paths = sorted(made.glob(f"{kind}-*.gold"))
        gold = [read_ladder(path) for path in paths]
        plain = [DocumentPair(lines(p.with_suffix(".src")), lines(p.with_suffix(".tgt"))) for p in paths]
        yield f"{kind}, no MT", plain, gold
        mt = [path.with_suffix(".s2t.starter") for path in paths]
        if all(path.exists() for path in mt):
            with_mt = [DocumentPair(p.src, p.tgt, lines(m)) for p, m in zip(plain, mt, strict=True)]
            yield f"{kind}, MT", with_mt, gold
    for seed in (5, 6):
        src, hypotheses, tgt, beads = made_up(1_500, 10**9, seed)
        yield f"made up {seed}, no MT", [DocumentPair(src, tgt)], [beads]
        yield f"made up {seed}, MT", [DocumentPair(src, tgt, hypotheses)], [beads]


def outcomes(documents: Sequence[DocumentPair], gold: Sequence[Sequence[Span]]) -> Outcomes:
    """Align documents and tell of each monotone bead its log-odds and whether it is right."""
    seen: list[Step] = []
    make_bead = align_passes.as_bead

    def watch(step: Step) -> object:
        seen.append(step)
        return make_bead(step)

    align_passes.as_bead = watch  # type: ignore[assignment]  # to see the steps behind the beads
    try:
        aligned = list(align_corpus(documents))
    finally:
        align_passes.as_bead = make_bead
    wanted = [set(beads) for beads in gold]
    right = [span in ok for ok, beads in zip(wanted, aligned, strict=True) for span in bead_spans(beads)]
    kept = [place for place, step in enumerate(seen) if step.monotone]
    odds = np.array([log_odds(seen[place]) for place in kept])
    return odds, np.array([right[place] for place in kept]), [confidence(seen[place]) for place in kept]


def fit(groups: Sequence[tuple[float, Outcomes]]) -> NDArray[np.float64]:
    """Return offset and slope of the logistic curve of greatest likelihood, groups weighted."""

    def loss(curve: NDArray[np.float64]) -> float:
        total = 0.0
        for weight, (odds, right, _) in groups:
            margins = (curve[0] + curve[1] * odds) * np.where(right, -1, 1)
            total += weight * float(np.logaddexp(0, margins).mean())
        return total

    found: NDArray[np.float64] = minimize(loss, np.array([0.0, 1.0])).x
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("made", type=Path)
    parser.add_argument("--bench", type=Path, default=os.environ.get("DRAGOMAN_BENCH"))
    args = parser.parse_args()
    training = [(name, outcomes(documents, gold)) for name, documents, gold in training_sets(args.made)]
    groups = [(_VERSES_WEIGHT if name.startswith("verses") else 1.0, found) for name, found in training]
    offset, slope = fit(groups)
    print(f"offset {offset:.2f}, slope {slope:.2f}")
    checked = (
        [(n, outcomes(documents, gold)) for n, documents, gold in sets(args.bench, None)]
        if args.bench
        else []
    )
    for name, (_, right, claimed) in [*training, *checked]:
        error = expected_calibration_error(reliability(list(zip(claimed, right.tolist(), strict=True))))
        print(f"{name:32} {len(right):5} beads  {right.mean():.3f} right  error of the curve {error:.3f}")


if __name__ == "__main__":
    main()
