"""Doubtful stretches of a path, decided again with the help of a translation model.

A model that is asked how probable a given target text is as the translation of a source text tells neighbours
apart that share their words. It costs a pass of the model for each pair of blocks, so only beads that the
search leaves in doubt are asked for, and of those only the probable ones. Likeness and log-probability are
added up, and the stretch's best path and posteriors are found once more among these beads.
"""

from collections.abc import Iterator, Sequence
from math import exp, inf, log1p
from statistics import median
from typing import NamedTuple, TypeGuard

import numpy as np

from dragoman.corpora.align_band import Chunk
from dragoman.corpora.align_batch import BeadScorer
from dragoman.corpora.align_best import Step
from dragoman.corpora.alignment import PairScorer

_DOUBTED = 0.9  # posterior below which a bead is in doubt
_MOST_SENTENCES = 12  # of either side of a stretch
_LEAST_POSTERIOR = 3e-3  # of a bead that the model is asked for
# Chosen on articles, articles with moved clauses, articles with moved blocks, and verses, with and without a
# hypothesis; .07 to .15 and 1 to 2 are much the same.
_WEIGHT = 0.1  # of a log-probability of one sentence beside a likeness
_MARGIN = 1.5  # log-probability by which a bead may be worse than usual and still count for itself

# The nodes of a cell: after a skipped sentence of either side, after a bead, and before a bead.
_SKIPPED_SRC, _SKIPPED_TGT, _AFTER, _BEFORE = range(4)


class Costs(NamedTuple):
    """What it costs to skip the first sentence of a run, and each further one; the scores' temperature."""

    gap_open: float
    gap_extend: float
    temperature: float


class _Arc(NamedTuple):
    """A way from one node of a stretch to a later one; a run of skipped sentences ends without a step."""

    start: int
    end: int
    score: float
    step: Step | None


class _Stretch(NamedTuple):
    """Steps `first:last` of a path, and what may stand in their place, sorted by start."""

    first: int
    last: int
    n_nodes: int
    arcs: list[_Arc]


def with_rescored(
    steps: Sequence[Step],
    similarity: BeadScorer,
    costs: Costs,
    sides: tuple[Sequence[str], Sequence[str]],
    score_pairs: PairScorer,
) -> list[Step]:
    """Decide the doubtful stretches of a path again.

    Args:
        steps: the path, with posteriors.
        similarity: the bead scores that it was found with.
        costs: likewise.
        sides: the sentences of both sides.
        score_pairs: the model; called once at most.
    """
    stretches = [_stretch(steps[a:b], a, similarity, costs) for a, b in _doubtful(steps)]
    spans = dict.fromkeys(_span(arc.step) for one in stretches for arc in one.arcs if _is_bead(arc.step))
    if not spans:
        return list(steps)
    texts = [(" ".join(sides[0][i : i + n]), " ".join(sides[1][j : j + m])) for i, j, n, m in spans]
    logprobs = dict(zip(spans, score_pairs(texts), strict=True))
    taken = [_span(step) for one in stretches for step in steps[one.first : one.last] if _is_bead(step)]
    usual = median(logprobs[span] for span in taken) if taken else max(logprobs.values())
    done: list[Step] = []
    at = 0
    for one in stretches:
        arcs = [
            arc._replace(score=arc.score + _gain(arc.step, logprobs[_span(arc.step)] - usual))
            if _is_bead(arc.step)
            else arc
            for arc in one.arcs
        ]
        done += [*steps[at : one.first], *_best(arcs, one.n_nodes, costs.temperature)]
        at = one.last
    return [*done, *steps[at:]]


def _gain(step: Step, difference: float) -> float:
    """Return what the model adds to a bead's score; `difference` is how much better than usual it finds it.

    Nothing is taken off: a sentence that is hard to translate would else lose its counterpart.
    """
    return _WEIGHT * (step.n + step.m) / 2 * max(0.0, difference + _MARGIN)


def _span(step: Step) -> tuple[int, int, int, int]:
    return step.src, step.tgt, step.n, step.m


def _is_bead(step: Step | None) -> TypeGuard[Step]:
    return step is not None and step.n > 0 and step.m > 0


def _doubtful(steps: Sequence[Step]) -> Iterator[tuple[int, int]]:
    """Yield the runs `first:last` of doubtful steps that have sentences on both sides, cut where too long."""
    runs: list[tuple[int, int]] = []
    first = 0
    for at in range(len(steps) + 1):
        if at == len(steps) or steps[at].posterior >= _DOUBTED:
            runs += [(first, at)] if at > first else []
            first = at + 1
    runs.reverse()
    while runs:
        first, last = runs.pop()
        n_src, n_tgt = (sum(sizes) for sizes in zip(*((s.n, s.m) for s in steps[first:last]), strict=True))
        if max(n_src, n_tgt) > _MOST_SENTENCES and last - first > 1:
            surest = max(range(first + 1, last), key=lambda at: steps[at].posterior)
            runs += [(surest, last), (first, surest)]
        elif n_src and n_tgt:
            yield first, last


def _stretch(steps: Sequence[Step], first: int, similarity: BeadScorer, costs: Costs) -> _Stretch:
    """Lay out all ways through a stretch whose beads are probable enough."""
    top, left = steps[0].src, steps[0].tgt
    height, width = (1 + sum(sizes) for sizes in zip(*((s.n, s.m) for s in steps), strict=True))
    rows = Chunk(top, top + height, np.full(height, left, np.int64), width)
    scores = similarity(rows)
    arcs = []
    for i in range(height):
        for j in range(width):
            cell = 4 * (i * width + j)
            arcs += [_Arc(cell + node, cell + _BEFORE, 0.0, None) for node in range(_BEFORE)]
            for side, n, m in ((_SKIPPED_SRC, 1, 0), (_SKIPPED_TGT, 0, 1)):
                if i + n < height and j + m < width:
                    skip = Step(top + i, left + j, n, m, 0.0, 1.0)
                    end = cell + 4 * (n * width + m) + side
                    for node in range(_BEFORE):
                        cost = costs.gap_extend if node == side else costs.gap_open
                        arcs.append(_Arc(cell + node, end, -cost, skip))
            for kind, (n, m) in enumerate(similarity.kinds):
                if i + n < height and j + m < width:
                    score = float(scores[kind, i + n, j + m])
                    end = cell + 4 * (n * width + m) + _AFTER
                    arcs.append(_Arc(cell + _BEFORE, end, score, Step(top + i, left + j, n, m, score, 1.0)))
    arcs.sort(key=lambda arc: arc.start)
    n_nodes = 4 * height * width
    posteriors = _posteriors(arcs, n_nodes, costs.temperature)
    present = {_span(step) for step in steps}
    kept = [
        arc
        for arc, posterior in zip(arcs, posteriors, strict=True)
        if not _is_bead(arc.step) or posterior >= _LEAST_POSTERIOR or _span(arc.step) in present
    ]
    return _Stretch(first, first + len(steps), n_nodes, kept)


def _posteriors(arcs: Sequence[_Arc], n_nodes: int, temperature: float) -> list[float]:
    """Return how much of all ways' weight goes over each arc."""
    forward, backward = [-inf] * n_nodes, [-inf] * n_nodes
    forward[_AFTER] = backward[-1] = 0.0
    for arc in arcs:
        forward[arc.end] = _log_add(forward[arc.end], forward[arc.start] + arc.score / temperature)
    for arc in reversed(arcs):
        backward[arc.start] = _log_add(backward[arc.start], backward[arc.end] + arc.score / temperature)
    whole = forward[-1]
    return [exp(forward[a.start] + a.score / temperature + backward[a.end] - whole) for a in arcs]


def _log_add(one: float, other: float) -> float:
    low, high = min(one, other), max(one, other)
    return high + log1p(exp(low - high)) if low > -inf else high


def _best(arcs: Sequence[_Arc], n_nodes: int, temperature: float) -> list[Step]:
    """Return the steps of the best way, each with its posterior."""
    best, came = [-inf] * n_nodes, [-1] * n_nodes
    best[_AFTER] = 0.0
    for number, arc in enumerate(arcs):
        if best[arc.start] + arc.score > best[arc.end]:
            best[arc.end], came[arc.end] = best[arc.start] + arc.score, number
    posteriors = _posteriors(arcs, n_nodes, temperature)
    steps = []
    node = n_nodes - 1
    while came[node] >= 0:
        arc = arcs[came[node]]
        if arc.step is not None:
            steps.append(arc.step._replace(posterior=posteriors[came[node]]))
        node = arc.start
    return steps[::-1]
