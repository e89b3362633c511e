"""From posterior to confidence: how often a bead that the search holds so probable is right."""

import math

from dragoman.corpora.align_best import Step

# Logistic fit of strictly right beads on the log-odds of their posterior (Platt 1999, Probabilistic outputs
# for support vector machines), by `bench/align_confidence.py` on training-like sets: articles with and
# without MT, with moved clauses and moved blocks, technical text, made-up text, verses. Log-odds are cut off:
# even a bead without any rival is another one in some gold.
_OFFSET = 0.60
_SLOPE = 0.74
_MOST_LOG_ODDS = 7.0
_MOVED = 0.8  # content that moved is matched by likeness alone, with a high bar


def confidence(step: Step) -> float:
    """Return the probability that a bead is right as it stands."""
    if not step.monotone:
        return _MOVED
    return 1 / (1 + math.exp(-_OFFSET - _SLOPE * log_odds(step)))


def log_odds(step: Step) -> float:
    """Return the log-odds of a bead's posterior, within limits."""
    posterior = min(max(step.posterior, 1e-6), 1 - 1e-6)
    return max(-_MOST_LOG_ODDS, min(_MOST_LOG_ODDS, math.log(posterior / (1 - posterior))))
