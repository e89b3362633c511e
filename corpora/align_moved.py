"""Content that moved: skipped sentences of both sides that translate each other across the path.

The search is monotone; a paragraph that stands elsewhere in the translation is skipped on both sides. Skipped
sentences that are each other's best match, and match about as well as the path's own beads, are paired again.
"""

import numpy as np
from numpy.typing import NDArray

from dragoman.corpora.align_best import Step
from dragoman.corpora.align_similarity import Vectors

_PART_OF_USUAL = 0.6  # of the path's median 1-1 cosine that a pair must reach
_CLEAR_BEST = 1.3  # over either side's second best
_MOST_PAIRS = 4_000_000


def with_moved(steps: list[Step], vectors: Vectors) -> list[Step]:
    """Pair skipped sentences again that match across the path.

    Args:
        steps: the path, with each skipped sentence as a step.
        vectors: what sentences are compared by.

    Returns:
        The steps, source order kept; the new pairs have `monotone=False` and stand at their source sentence.
    """
    src = np.array([step.src for step in steps if not step.m], np.int64)
    tgt = np.array([step.tgt for step in steps if not step.n], np.int64)
    pairs = np.array([(s.src, s.tgt) for s in steps if s.n == s.m == 1], np.int64).reshape(-1, 2)
    if not len(src) or not len(tgt) or not len(pairs) or len(src) * len(tgt) > _MOST_PAIRS:
        return steps
    usual = float(np.median(_cosines(vectors, pairs[:2000, 0], pairs[:2000, 1]).diagonal()))
    cosines = _cosines(vectors, src, tgt)
    best_tgt, best_src = cosines.argmax(axis=1), cosines.argmax(axis=0)
    moved: dict[int, int] = {}
    for i, j in enumerate(best_tgt.tolist()):
        top = cosines[i, j]
        others = max(np.delete(cosines[i], j).max(initial=0.0), np.delete(cosines[:, j], i).max(initial=0.0))
        if best_src[j] == i and top >= _PART_OF_USUAL * usual and top >= _CLEAR_BEST * others:
            moved[int(src[i])] = int(tgt[j])
    if not moved:
        return steps
    taken = set(moved.values())
    done = []
    for step in steps:
        if not step.m and step.src in moved:
            j = moved[step.src]
            score = float(_cosines(vectors, np.array([step.src]), np.array([j]))[0, 0])
            done.append(step._replace(tgt=j, m=1, score=score, monotone=False))
        elif step.n or step.tgt not in taken:
            done.append(step)
    return done


def _cosines(vectors: Vectors, src: NDArray[np.int64], tgt: NDArray[np.int64]) -> NDArray[np.float64]:
    """Compare some source sentences with some target sentences: `(len(src), len(tgt))`."""
    product = vectors.src[src] @ vectors.tgt[tgt].T
    dense = np.asarray(product if isinstance(product, np.ndarray) else product.toarray(), np.float64)
    return dense / np.outer(vectors.src_norms[1, src + 1], vectors.tgt_norms[1, tgt + 1])
