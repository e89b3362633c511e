"""Doubtful stretches decided by a model: against all paths through them, and what a model brings."""

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.align_build import articles, disturb, numbered
from dragoman.corpora import align_rescored
from dragoman.corpora.align_band import Chunk
from dragoman.corpora.align_best import Step
from dragoman.corpora.align_rescored import Costs, with_rescored
from dragoman.corpora.alignment import DocumentPair, align, align_corpus
from dragoman.corpora.bead_files import read_ladder
from dragoman.eval.alignment import score_beads
from dragoman.translate.likelihood import pair_scorer

AUTHORED = Path(__file__).parents[2] / "corpora" / "authored"
KINDS = ((1, 1), (1, 2), (2, 1), (2, 2))
COSTS = Costs(0.3, 0.1, 0.4)
Steps = tuple[tuple[int, int, int, int], ...]


class TableScorer:
    """Random scores; entry [k, i, j] is for the bead of type k that ends at (i, j)."""

    kinds = KINDS

    def __init__(self, seed: int) -> None:
        self.table = np.random.default_rng(seed).normal(0.2, 0.5, (len(KINDS), 20, 20)).astype(np.float32)

    def __call__(self, chunk: Chunk) -> NDArray[np.float32]:
        rows = np.arange(chunk.first, chunk.last)[:, None]
        return np.asarray(self.table[:, rows, chunk.lo[:, None] + np.arange(chunk.width)])


def all_paths(scorer: TableScorer, n_src: int, n_tgt: int) -> dict[Steps, float]:
    """Score every path, one at a time, each of its beads with what a model without preferences adds."""
    found: dict[Steps, float] = {}

    def walk(i: int, j: int, last: str, total: float, path: Steps) -> None:
        if (i, j) == (n_src, n_tgt):
            found[path] = total
            return
        for kind, (n, m) in enumerate(KINDS):
            if i + n <= n_src and j + m <= n_tgt:
                added = align_rescored._WEIGHT * align_rescored._MARGIN * (n + m) / 2
                score = float(scorer.table[kind, i + n, j + m]) + added
                walk(i + n, j + m, "bead", total + score, (*path, (i, j, n, m)))
        for side, n, m in (("src", 1, 0), ("tgt", 0, 1)):
            if i + n <= n_src and j + m <= n_tgt:
                price = COSTS.gap_extend if last == side else COSTS.gap_open
                walk(i + n, j + m, side, total - price, (*path, (i, j, n, m)))

    walk(0, 0, "", 0.0, ())
    return found


@pytest.mark.parametrize("seed", range(25))
def test_a_stretch_has_the_best_of_all_paths_and_its_posteriors(seed: int) -> None:
    n_src, n_tgt = 1 + seed % 4, 1 + seed // 4 % 4
    scorer = TableScorer(seed)
    paths = all_paths(scorer, n_src, n_tgt)
    doubtful = [Step(0, 0, 1, 1, 0.0, 0.2), *(Step(i, 1, 1, 0, 0.0, 0.2) for i in range(1, n_src))]
    doubtful += [Step(n_src, j, 0, 1, 0.0, 0.2) for j in range(1, n_tgt)]
    texts = [str(i) for i in range(n_src)], [str(j) for j in range(n_tgt)]
    steps = with_rescored(doubtful, scorer, COSTS, texts, lambda pairs: [-2.0] * len(pairs))
    mine: Steps = tuple(step[:4] for step in steps)
    assert paths[mine] == pytest.approx(max(paths.values()), abs=1e-4)
    whole = math.fsum(math.exp(total / COSTS.temperature) for total in paths.values())
    for step in steps:
        if step.n and step.m:
            over = math.fsum(math.exp(t / COSTS.temperature) for path, t in paths.items() if step[:4] in path)
            assert step.posterior == pytest.approx(over / whole, abs=0.03)  # improbable beads are left out


@pytest.mark.parametrize("seed", range(8))
def test_whatever_a_model_says_each_sentence_stands_in_one_bead(seed: int) -> None:
    draw = random.Random(seed)
    words = ["alpha", "beta", "gamma"]
    src, tgt = ([" ".join(draw.choices(words, k=3)) for _ in range(n)] for n in (90, 80))
    calls: list[int] = []

    def score(pairs: Sequence[tuple[str, str]]) -> list[float]:
        calls.append(len(pairs))
        return [-draw.uniform(0, 6) for _ in pairs]

    beads = align(src, tgt, mt=src, score_pairs=score)
    assert [i for bead in beads for i in bead.src] == list(range(90))
    assert sorted(j for bead in beads for j in bead.tgt) == list(range(80))
    assert len(calls) == 1
    assert calls[0] > 0


def test_a_path_without_doubt_asks_no_model() -> None:
    def never(pairs: Sequence[tuple[str, str]]) -> list[float]:
        raise AssertionError(pairs)

    steps = [Step(0, 0, 1, 1, 0.5, 0.99), Step(1, 1, 1, 0, 0.0, 0.5), Step(2, 1, 1, 1, 0.5, 0.95)]
    assert with_rescored(steps, TableScorer(0), COSTS, (["a"] * 3, ["b"] * 2), never) == steps


def test_the_bundled_model_finds_beads_that_words_leave_in_doubt(tmp_path: Path) -> None:
    draw = random.Random(3)
    found = articles(AUTHORED)
    draw.shuffle(found)
    strangers = [pair for article in found[100:120] for pair in article]
    documents, gold = [], []
    for number in range(4):
        pairs = [pair for article in found[number * 8 : number * 8 + 8] for pair in article]
        src, tgt, beads = numbered(disturb(pairs, strangers, draw))
        documents.append(DocumentPair(src, tgt))
        (tmp_path / "gold").write_text("\n".join(beads), encoding="utf-8")
        gold.append(read_ladder(tmp_path / "gold"))
    with_model = [replace(document, score_pairs=pair_scorer()) for document in documents]
    before, after = (score_beads(gold, list(align_corpus(d))).strict.f1 for d in (documents, with_model))
    assert after > before + 0.01
