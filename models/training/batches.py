"""Token-batched, length-sorted batches, drawn by the sets' weights, the same for the same seed and epoch.

Pairs of like lengths stand together, so little of a batch is padding; a batch holds a number of tokens,
not of pairs. Every epoch draws anew: a set of weight 2.3 is passed over twice and a random third of it
once more.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dragoman.models.training.packed import Ids, Meta, PackedPairs

# Sorting happens within pools of this many pairs: little padding, yet batches differ from epoch to epoch.
POOL = 20_000
IGNORED = -100  # the label that torch's cross entropy leaves out


class Batch(NamedTuple):
    """One batch; n pairs, padded to the longest.

    Attributes:
        src: (n, longest source + 1) int64, `</s>` at the end.
        decoder_in: (n, longest target + 1) int64, `<pad>` at the start, as Marian decodes.
        labels: (n, longest target + 1) int64, `</s>` at the end, `IGNORED` for padding.
    """

    src: Ids
    decoder_in: Ids
    labels: Ids


def plan_epoch(
    pairs: PackedPairs, weights: Mapping[str, float], batch_tokens: int, max_len: int, seed: int, epoch: int
) -> list[Ids]:
    """Return an epoch's batches as arrays of pair numbers.

    Args:
        pairs: the corpus.
        weights: expected passes by set name; a set that is not named counts once.
        batch_tokens: padded tokens of the longer side in a batch.
        max_len: longer pairs (either side, pieces) are left out.
        seed: of the run.
        epoch: from 0.
    """
    rng = np.random.default_rng((seed, epoch))
    expected = np.array([weights.get(name, 1.0) for name in pairs.names])[pairs.source]
    longest = np.maximum(pairs.src_len, pairs.tgt_len) + 1
    expected = expected * (longest <= max_len)
    passes = np.floor(expected).astype(np.int64)
    passes += rng.random(len(pairs)) < expected - passes
    drawn = np.repeat(np.arange(len(pairs)), passes)
    rng.shuffle(drawn)
    planned: list[Ids] = []
    for start in range(0, len(drawn), POOL):
        pool = drawn[start : start + POOL]
        order = np.lexsort((pairs.src_len[pool], longest[pool]))
        planned.extend(_cut(pool[order], longest, batch_tokens))
    return [planned[number] for number in rng.permutation(len(planned))]


def plan_in_order(pairs: PackedPairs, batch_tokens: int) -> list[Ids]:
    """Return every pair once, sorted by length, for the dev set."""
    longest = np.maximum(pairs.src_len, pairs.tgt_len) + 1
    return _cut(np.argsort(longest, kind="stable"), longest, batch_tokens)


def collate(pairs: PackedPairs, numbers: Ids, meta: Meta, src_start: Ids, tgt_start: Ids) -> Batch:
    """Return padded arrays for the pairs `numbers`; the starts come from `offsets`."""
    n = len(numbers)
    src = np.full((n, int(pairs.src_len[numbers].max()) + 1), meta.pad, np.int64)
    width = int(pairs.tgt_len[numbers].max()) + 1
    decoder_in = np.full((n, width), meta.pad, np.int64)
    labels = np.full((n, width), IGNORED, np.int64)
    for row, number in enumerate(numbers):
        n_src, n_tgt = pairs.src_len[number], pairs.tgt_len[number]
        target = pairs.tgt[tgt_start[number] : tgt_start[number] + n_tgt]
        src[row, :n_src] = pairs.src[src_start[number] : src_start[number] + n_src]
        src[row, n_src] = meta.eos
        labels[row, :n_tgt] = target
        labels[row, n_tgt] = meta.eos
        decoder_in[row, 1 : n_tgt + 1] = target
    return Batch(src, decoder_in, labels)


def offsets(lengths: Ids) -> Ids:
    """Return where each pair's ids start in the flat array."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)[:-1]])


def _cut(numbers: Ids, longest: Ids, batch_tokens: int) -> list[Ids]:
    cut: list[Ids] = []
    start = 0
    while start < len(numbers):
        end = start + 1
        width = longest[numbers[start]]
        while end < len(numbers):
            width = max(width, longest[numbers[end]])
            if width * (end + 1 - start) > batch_tokens:
                break
            end += 1
        cut.append(numbers[start:end])
        start = end
    return cut
