"""Pairs of sentences that only translate each other together: the boundary between them moved.

Scores of beads add up, so that the search cuts two sentences against two in two 1-1 beads (and likewise where
one of them is a 1-2 bead and so on) although a clause stands on the other side of the boundary. Such a clause
shows in two ways that are hardly ever met by chance together: one source side is much longer than its
translation, and the other much shorter, while both together fit; and the longer one is like the other's
translation as well.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dragoman.corpora.align_best import Step
from dragoman.corpora.align_similarity import Vectors, length_fit, row_dots

# Of the product of both signs. As much likeness in the other direction speaks of a common subject and is
# taken off. Chosen on German-French, English-Icelandic and Arabic-English; .015 to .025 give much the same.
_LEAST = 0.02
_MOST = 6  # sentences of a joined bead


def _may_join(one: Step, other: Step) -> bool:
    """Tell if two steps are neighbours that would make a bead that is not too long."""
    return (
        min(one.n, one.m, other.n, other.m) == 1
        and one.monotone
        and other.monotone
        and one.n + one.m + other.n + other.m <= _MOST
        and (one.src + one.n, one.tgt + one.m) == (other.src, other.tgt)
    )


def with_joined(
    steps: Sequence[Step],
    vectors: Vectors,
    src_lengths: NDArray[np.float32],
    tgt_lengths: NDArray[np.float32],
) -> list[Step]:
    """Join neighbouring beads whose boundary moved.

    Args:
        steps: the path.
        vectors: what sentences are compared by.
        src_lengths: running lengths of the source sentences, `(n_src + 1,)`.
        tgt_lengths: running lengths of the target sentences in the same unit, `(n_tgt + 1,)`.
    """
    places = np.array([place for place, pair in enumerate(pairwise(steps)) if _may_join(*pair)], np.int64)
    if not len(places):
        return list(steps)
    spans = np.array([(s.src, s.src + s.n, s.tgt, s.tgt + s.m) for s in steps])
    lengths = [
        (
            src_lengths[beads[:, 1]] - src_lengths[beads[:, 0]],
            tgt_lengths[beads[:, 3]] - tgt_lengths[beads[:, 2]],
        )
        for beads in (spans[places], spans[places + 1])
    ]
    fits = np.minimum(*(length_fit(src, tgt) for src, tgt in lengths))
    gain = length_fit(lengths[0][0] + lengths[1][0], lengths[0][1] + lengths[1][1]) - fits
    # The clause is where the source side that is too long for its translation has the rest of it.
    is_first_long = lengths[0][0] * lengths[1][1] > lengths[1][0] * lengths[0][1]
    may = gain >= _LEAST  # cosines are 1 at most
    places, gain, is_first_long = places[may], gain[may], is_first_long[may]
    sides = [
        vectors.blocks(spans[places + k, 0], spans[places + k, 1] - spans[places + k, 0], 0) for k in (0, 1)
    ]
    others = [
        vectors.blocks(spans[places + k, 2], spans[places + k, 3] - spans[places + k, 2], 1) for k in (0, 1)
    ]
    straight = [row_dots(sides[k], others[k]) for k in (0, 1)]
    crossing = [row_dots(sides[0], others[1]), row_dots(sides[1], others[0])]
    across = np.where(is_first_long, 1, -1) * (crossing[0] - crossing[1])
    signs = np.minimum(across, np.minimum(*straight)) * gain
    moved = signs >= _LEAST
    joined: dict[int, float] = {}
    for place, sign in sorted(zip(places[moved].tolist(), signs[moved].tolist(), strict=True)):
        if joined.get(place - 1, -1.0) < sign:
            joined.pop(place - 1, None)
            joined[place] = sign
    done: list[Step] = []
    for place, step in enumerate(steps):
        if place in joined:
            other = steps[place + 1]
            score, posterior = step.score + other.score, step.posterior * other.posterior
            done.append(Step(step.src, step.tgt, step.n + other.n, step.m + other.m, score, posterior))
        elif place - 1 not in joined:
            done.append(step)
    return done
