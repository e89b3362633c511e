"""Alignment by sentence lengths alone (Gale and Church 1993, A program for aligning sentences …).

The first pass when there is neither MT nor embeddings: translations have lengths in proportion, with a
variance that grows with the length.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dragoman.corpora.align_band import Chunk
from dragoman.corpora.align_batch import Gaps

Floats = NDArray[np.float32]

# Prior probabilities of bead types (Gale and Church 1993, table 5; theirs share .089 and .0099 between both
# orders). Types 1-3 and 3-1, which they leave out, take half of 2-2's.
_PRIORS = {(1, 1): 0.89, (2, 1): 0.0445, (1, 2): 0.0445, (2, 2): 0.011, (1, 3): 0.0055, (3, 1): 0.0055}
_SKIP_PRIOR = 0.0099 / 2
_VARIANCE = 6.8  # of the length difference, a character of the shorter side's language (ibid.)

# An ideograph or kana carries about as much text as three Latin letters, a Hangul syllable as two.
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_HANGUL = re.compile("[\uac00-\ud7af]")


def text_length(text: str) -> float:
    """Return the length of a text in (Latin) characters, white space left out."""
    bare = "".join(text.split())
    if bare.isascii():
        return float(len(bare))
    return len(bare) + 2.0 * len(_DENSE.findall(bare)) + 1.0 * len(_HANGUL.findall(bare))


def running_lengths(sentences: Sequence[str], scale: float = 1.0) -> NDArray[np.float64]:
    """Sum the lengths of sentences up to each position: `(n + 1,)`, times `scale`."""
    sums = np.zeros(len(sentences) + 1)
    np.cumsum([text_length(sentence) for sentence in sentences], out=sums[1:])
    return sums * scale


def _log_tail(difference: Floats) -> Floats:
    """Return log P(|Z| >= |difference|) of a standard normal Z.

    By Pollak's bound (1956, A remark on "Elementary inequalities for Mills' ratio"): exact at 0 and far out,
    at most 6% off between.
    """
    far = np.abs(difference)
    squares = far * far
    tail: Floats = np.sqrt(squares + np.float32(8 / np.pi))
    tail += far
    np.log(tail, out=tail)
    tail += np.float32(0.5) * squares
    return np.float32(np.log(4 / np.sqrt(2 * np.pi))) - tail


@dataclass(frozen=True, slots=True)
class LengthScorer:
    """Log-probabilities of beads given their lengths; both running sums are in the same unit."""

    src_lengths: NDArray[np.float64]
    tgt_lengths: NDArray[np.float64]

    @property
    def kinds(self) -> tuple[tuple[int, int], ...]:
        """The bead types of the model."""
        return tuple(_PRIORS)

    def __call__(self, chunk: Chunk) -> Floats:
        """Score the beads that end at the cells of a chunk (see `BeadScorer`)."""
        rows = np.minimum(np.arange(chunk.first, chunk.last), len(self.src_lengths) - 1)[:, None]
        columns = np.minimum(chunk.lo[:, None] + np.arange(chunk.width), len(self.tgt_lengths) - 1)
        scores = np.empty((len(_PRIORS), *columns.shape), np.float32)
        ends = self.tgt_lengths[columns]
        tgt = {
            m: (ends - self.tgt_lengths[np.maximum(columns - m, 0)]).astype(np.float32)
            for m in {m for _, m in _PRIORS}
        }
        for kind, ((n, m), prior) in enumerate(_PRIORS.items()):
            lengths = self.src_lengths[rows] - self.src_lengths[np.maximum(rows - n, 0)]
            src = lengths.astype(np.float32)
            spread = np.sqrt(np.maximum((src + tgt[m]) * np.float32(_VARIANCE / 2), np.float32(_VARIANCE)))
            scores[kind] = _log_tail((src - tgt[m]) / spread)
            scores[kind] += np.float32(np.log(prior))
        return scores

    def gaps(self) -> Gaps:
        """Costs of skipped sentences: the longer, the dearer."""
        costs = []
        for sums in (self.src_lengths, self.tgt_lengths):
            lengths = np.diff(sums)
            cost = -np.log(_SKIP_PRIOR) - _log_tail(
                np.sqrt(np.maximum(lengths, 1.0) / _VARIANCE).astype(np.float32)
            )
            costs.append(cost.astype(np.float32))
        return Gaps(costs[0], costs[0], costs[1], costs[1])
