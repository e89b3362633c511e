"""Batches of sentences of nearly equal length: little padding, and a decoding limit that suits each.

How sentences are divided depends on nothing but the sentences: padding moves the last bits of a score, and
now and then the choice between two hypotheses with it (some in a hundred of them, measured with int8), so a
division that followed the machine would give other translations on other machines.
"""

from collections.abc import Sequence

# The translation of a sentence takes at most so many tokens; on 997 news sentences (flores-dev) with the
# starter's tokeniser the ratio of target to source tokens is 1.5 at its highest.
MAX_TGT_RATIO = 2
MAX_TGT_EXTRA = 16
MIN_BATCHES = 4  # a job of one article is divided so that as many cores have work


def max_tgt_tokens(n_src_tokens: int, max_positions: int) -> int:
    """Return the decoding limit for a source of so many tokens."""
    return max(1, min(MAX_TGT_RATIO * n_src_tokens + MAX_TGT_EXTRA, max_positions - 2))


def batches(lengths: Sequence[int], batch_tokens: int) -> list[list[int]]:
    """Divide sentences into batches, longest first.

    Args:
        lengths: source tokens of each sentence.
        batch_tokens: most tokens in a batch, padding included (a longer sentence is a batch of its own).

    Returns:
        Indices into `lengths`, each exactly once.
    """
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    budget = min(batch_tokens, max(1, -(-sum(lengths) // MIN_BATCHES)))
    found: list[list[int]] = []
    room = 0
    for i in order:
        if room < lengths[found[-1][0]] if found else True:
            found.append([])
            room = budget
        found[-1].append(i)
        room -= lengths[found[-1][0]]
    return found
