"""How risky a translation looks without a reference, and how well such signals rank segments.

Signals (each turned so that higher is riskier): low log-probability a token (Fomicheva et al. 2020,
Unsupervised Quality Estimation for Neural Machine Translation; the best single warning of hallucination in
Guerreiro et al. 2023, Looking for a Needle in a Haystack), repeated word n-grams, a length that does not
fit the source's, copied source, numbers that went missing, and, where a reverse model was run, how little
of the source comes back. `rank_signals` measures each against segment chrF, so that what a signal is worth
is known before it is trusted.

This is risk, not quality: a fluent mistranslation has none of these marks.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dragoman.corpora.normalisation import fold_digits
from dragoman.eval.breakdowns import numbers
from dragoman.eval.correlation import ranks, spearman
from dragoman.eval.metrics import SacreMetric

_WORD = re.compile(r"\w+")
_ARABIC_LETTER = re.compile("[\u0621-\u064a\u066e-\u06d3]")
_REPEATED_ORDER = 3


@dataclass(frozen=True, slots=True)
class SegmentRisk:
    """Signals of one translation, each higher for riskier; None where it could not be taken.

    Attributes:
        logprob: minus the mean natural-log probability of the target tokens.
        repetition: share of word trigrams that occurred before in the same translation.
        length: absolute log of (target/source characters) over the expected ratio.
        copied: share of the target's letters that are Arabic.
        numbers: share of the source's numbers that the target lacks.
        round_trip: 100 minus chrF of the source against its translation's translation back.
    """

    logprob: float | None
    repetition: float
    length: float
    copied: float
    numbers: float
    round_trip: float | None = None


@dataclass(frozen=True, slots=True)
class RankedSignal:
    """How well one signal finds bad translations.

    Attributes:
        name: of the signal, or "combined".
        spearman: with segment chrF, sign turned: 1.0 would be a perfect ranking of the risky, 0.0 none.
        n_segments: for which the signal was there.
        n_marked: of these, segments on which it says anything (is above its minimum).
    """

    name: str
    spearman: float
    n_segments: int
    n_marked: int


def segment_risks(
    src: Sequence[str],
    hyps: Sequence[str],
    *,
    mean_logprobs: Sequence[float | None] | None = None,
    round_trips: Sequence[str] | None = None,
) -> list[SegmentRisk]:
    """Take the signals of each segment.

    Args:
        src: source segments.
        hyps: their translations.
        mean_logprobs: natural-log probability a target token, None where no model was asked.
        round_trips: the translations' translations back into the source language.
    """
    probabilities = mean_logprobs if mean_logprobs is not None else [None] * len(src)
    ratio = math.log(max(1, sum(map(len, hyps))) / max(1, sum(map(len, src))))
    back = _round_trip_risks(src, round_trips) if round_trips is not None else [None] * len(src)
    return [
        SegmentRisk(
            logprob=None if probability is None else -probability,
            repetition=_repetition(hyp),
            length=abs(math.log(max(1, len(hyp)) / max(1, len(source))) - ratio),
            copied=_arabic_share(hyp),
            numbers=_missing_numbers(source, hyp),
            round_trip=back_risk,
        )
        for source, hyp, probability, back_risk in zip(src, hyps, probabilities, back, strict=True)
    ]


def combined_risk(risks: Sequence[SegmentRisk]) -> list[float]:
    """Combine the signals into one: the mean of their ranks in this collection, in [0, 1].

    Log-probability counts twice. The weights are fixed, not fitted: a fit on one test set does not carry
    over.
    """
    if not risks:
        return []
    total: npt.NDArray[np.float64] = np.zeros(len(risks))
    weight = 0.0
    for name, values in _columns(risks):
        if values is None or len(set(values)) < 2:
            continue
        share = 2.0 if name == "logprob" else 1.0
        total += share * (np.array(ranks(values)) - 1) / max(1, len(values) - 1)
        weight += share
    return [float(value) for value in (total / weight if weight else total)]


def rank_signals(
    risks: Sequence[SegmentRisk], hyps: Sequence[str], refs: Sequence[str]
) -> list[RankedSignal]:
    """Measure every signal and their combination against segment chrF (Spearman).

    Args:
        risks: of each segment.
        hyps: translations.
        refs: references, which only this measurement uses.
    """
    quality = SacreMetric("chrf", [refs]).measure(hyps).unit_scores()
    found = [
        RankedSignal(
            name,
            -spearman(values, list(quality)) if len(set(values)) > 1 else 0.0,
            len(values),
            sum(value > min(values) for value in values),
        )
        for name, values in _columns(risks)
        if values is not None
    ]
    combined = combined_risk(risks)
    return [
        *found,
        RankedSignal("combined", -spearman(combined, list(quality)), len(combined), len(combined)),
    ]


def _columns(risks: Sequence[SegmentRisk]) -> list[tuple[str, list[float] | None]]:
    """The signals by name; None for one that some segment lacks."""
    columns: list[tuple[str, list[float | None]]] = [
        ("logprob", [risk.logprob for risk in risks]),
        ("repetition", [risk.repetition for risk in risks]),
        ("length", [risk.length for risk in risks]),
        ("copied", [risk.copied for risk in risks]),
        ("numbers", [risk.numbers for risk in risks]),
        ("round_trip", [risk.round_trip for risk in risks]),
    ]
    complete: list[tuple[str, list[float] | None]] = []
    for name, values in columns:
        present = [value for value in values if value is not None]
        complete.append((name, present if len(present) == len(values) else None))
    return complete


def _repetition(text: str) -> float:
    tokens = [word.lower() for word in _WORD.findall(text)]
    ngrams = [tuple(tokens[i : i + _REPEATED_ORDER]) for i in range(len(tokens) - _REPEATED_ORDER + 1)]
    return 1.0 - len(set(ngrams)) / len(ngrams) if ngrams else 0.0


def _arabic_share(text: str) -> float:
    letters = sum(char.isalpha() for char in text)
    return len(_ARABIC_LETTER.findall(text)) / letters if letters else 0.0


def _missing_numbers(src: str, hyp: str) -> float:
    wanted = Counter(numbers(fold_digits(src)))
    if not wanted:
        return 0.0
    return (wanted - Counter(numbers(hyp))).total() / wanted.total()


def _round_trip_risks(src: Sequence[str], back: Sequence[str]) -> list[float | None]:
    scores = SacreMetric("chrf", [src]).measure(back).unit_scores()
    return [100.0 - float(score) for score in scores]
