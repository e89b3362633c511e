"""From posterior to confidence: how often a bead that the search holds so probable is right."""

from dragoman.corpora.align_search import Step


def confidence(step: Step) -> float:
    """Return the probability that a bead is right as it stands."""
    return step.posterior
