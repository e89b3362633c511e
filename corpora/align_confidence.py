"""From posterior to confidence: how often a bead that the search holds so probable is right."""

import math

from dragoman.corpora.align_best import Step

# Logistic fit of strictly right beads on the log-odds of their posterior (Platt 1999): fitted on
# German-French with and without MT, English-Icelandic and Arabic-English with MT; checked on other
# hypotheses, on Arabic-English without MT and on text that was moved about.
_OFFSET = 0.68
_SLOPE = 0.54
_MOVED = 0.8  # content that moved is matched by likeness alone, with a high bar


def confidence(step: Step) -> float:
    """Return the probability that a bead is right as it stands."""
    if not step.monotone:
        return _MOVED
    posterior = min(max(step.posterior, 1e-6), 1 - 1e-6)
    return 1 / (1 + math.exp(-_OFFSET - _SLOPE * math.log(posterior / (1 - posterior))))
