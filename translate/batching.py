"""Batches of sentences of nearly equal length: little padding, and a decoding limit that suits each."""

from collections.abc import Sequence

# The translation of a sentence takes at most so many tokens; on 997 news sentences (flores-dev) with the starter's
# tokeniser the ratio of target to source tokens is 1.5 at its highest.
MAX_TGT_RATIO = 2
MAX_TGT_EXTRA = 16


def max_tgt_tokens(n_src_tokens: int, max_positions: int) -> int:
    """Return the decoding limit for a source of so many tokens."""
    return max(1, min(MAX_TGT_RATIO * n_src_tokens + MAX_TGT_EXTRA, max_positions - 2))


def batches(lengths: Sequence[int], batch_tokens: int, n_workers: int = 1) -> list[list[int]]:
    """Divide sentences into batches, longest first.

    Args:
        lengths: source tokens of each sentence.
        batch_tokens: most tokens in a batch, padding included (a longer sentence is a batch of its own).
        n_workers: batches that are translated at the same time; a small job is divided so that each has one.

    Returns:
        Indices into `lengths`, each exactly once.
    """
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    budget = min(batch_tokens, max(1, -(-sum(lengths) // max(1, n_workers))))
    found: list[list[int]] = []
    room = 0
    for i in order:
        if room < lengths[found[-1][0]] if found else True:
            found.append([])
            room = budget
        found[-1].append(i)
        room -= lengths[found[-1][0]]
    return found
