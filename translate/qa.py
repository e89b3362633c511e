"""Doubts about finished translations: what a reviewer should look at, worst first.

`check` looks at one pair, `check_bitext` at all pairs of a bitext and how they agree with each other. Errors
are what a reader must not see (text missing, a number changed …), warnings what is often wrong. Low model
probability is the best single sign of trouble without a reference (Fomicheva et al. 2020, Unsupervised
Quality Estimation for Neural Machine Translation).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from dragoman.corpora.normalisation import matching_key
from dragoman.translate.glossary import Glossary
from dragoman.translate.qa_content import (
    check_latin_names,
    check_negation,
    check_numbers,
    check_placeholders,
    check_presence,
    check_truncation,
    check_verbatim,
)
from dragoman.translate.qa_form import check_end, check_length, check_quotes, check_repetition
from dragoman.units import Bitext, Flag, Hypothesis, Severity, TranslationUnit

MIN_LOGPROB = -1.3  # natural log a token; one in twenty translations of the starter model lies below
_WEIGHT = {Severity.ERROR: 100.0, Severity.WARNING: 10.0, Severity.INFO: 0.0}
_ALONE = frozenset({"empty", "untranslated"})  # next to these no other doubt matters


@dataclass(frozen=True, slots=True)
class Finding:
    """A unit of a bitext with doubts.

    Attributes:
        index: of the unit in its bitext, from 0.
        unit: the unit, with its flags.
        risk: higher is worse: 100 an error, 10 a warning, and up to 10 for a low log-probability.
    """

    index: int
    unit: TranslationUnit
    risk: float

    @property
    def has_error(self) -> bool:
        """At least one flag is an error."""
        return any(flag.severity is Severity.ERROR for flag in self.unit.flags)


def check(
    src: str,
    tgt: str,
    *,
    hypothesis: Hypothesis | None = None,
    glossary: Glossary | None = None,
    min_logprob: float = MIN_LOGPROB,
) -> tuple[Flag, ...]:
    """Check one Arabic source against its English translation.

    Args:
        src: source text of one segment.
        tgt: its translation.
        hypothesis: what the engine knows of it; flags that it has already are not given again.
        glossary: terms that must be translated in a certain way.
        min_logprob: a mean log-probability a token below this is flagged.

    Returns:
        The doubts, errors first; empty when nothing is wrong. An empty or untranslated target has that one
        flag.
    """
    flags = list(chain(check_presence(src, tgt), check_placeholders(src, tgt), check_verbatim(src, tgt)))
    if alone := [flag for flag in flags if flag.kind in _ALONE]:
        flags = alone[:1]
    else:
        for judge in (
            check_numbers,
            check_truncation,
            check_repetition,
            check_length,
            check_quotes,
            check_end,
            check_latin_names,
            check_negation,
        ):
            flags.extend(judge(src, tgt))
        if any(flag.kind == "truncated" for flag in flags):
            flags = [flag for flag in flags if flag.kind not in ("end-mark", "length")]
        if glossary is not None:
            flags.extend(glossary.check(src, tgt))
        if hypothesis is not None and hypothesis.mean_logprob is not None:
            flags.extend(_check_logprob(hypothesis.mean_logprob, min_logprob))
    known = {flag.kind for flag in hypothesis.flags} if hypothesis is not None else set()
    flags = [flag for flag in flags if flag.kind not in known]
    return tuple(sorted(flags, key=lambda flag: -_WEIGHT[flag.severity]))


def checked(src: str, hypothesis: Hypothesis, *, glossary: Glossary | None = None) -> Hypothesis:
    """Return the hypothesis with the flags of `check` added to its own."""
    flags = check(src, hypothesis.text, hypothesis=hypothesis, glossary=glossary)
    return replace(hypothesis, flags=(*hypothesis.flags, *flags)) if flags else hypothesis


def check_bitext(
    bitext: Bitext, *, glossary: Glossary | None = None, min_logprob: float = MIN_LOGPROB
) -> list[Finding]:
    """Check every unit of a bitext, and whether equal sources have equal translations.

    Flags that units carry already are kept. The score of a unit of machine translation is taken for its mean
    log-probability a token.

    Returns:
        The units with doubts, highest risk first; equal risks in the order of the bitext.
    """
    inconsistent = _inconsistent(bitext.units)
    findings = []
    for index, unit in enumerate(bitext.units):
        flags = list(unit.flags)
        flags += [flag for flag in check(unit.src, unit.tgt, glossary=glossary) if flag not in flags]
        if unit.origin == "mt" and unit.score is not None and unit.score <= 0:
            flags += [flag for flag in _check_logprob(unit.score, min_logprob) if flag not in flags]
        if other := inconsistent.get(index):
            flags.append(Flag("inconsistent", Severity.WARNING, f"elsewhere translated as “{other}”"))
        if any(flag.severity is not Severity.INFO for flag in flags):
            findings.append(Finding(index, replace(unit, flags=tuple(flags)), risk_of(flags, unit.score)))
    return sorted(findings, key=lambda finding: (-finding.risk, finding.index))


def risk_of(flags: Iterable[Flag], mean_logprob: float | None = None) -> float:
    """Return how urgently a translation with these flags wants a look; 0 for none.

    Args:
        flags: its doubts.
        mean_logprob: natural log-probability a token; it orders what the flags leave equal.
    """
    doubt = 0.0 if mean_logprob is None else min(10.0, max(0.0, -mean_logprob) * 4)
    return sum(_WEIGHT[flag.severity] for flag in flags) + doubt


def _check_logprob(mean_logprob: float, min_logprob: float) -> list[Flag]:
    if mean_logprob >= min_logprob:
        return []
    return [Flag("low-logprob", Severity.WARNING, f"the model is unsure ({mean_logprob:.2f} a token)")]


def _inconsistent(units: Sequence[TranslationUnit]) -> dict[int, str]:
    """Return for each unit whose source has several translations the most frequent other one."""
    by_source: defaultdict[str, list[int]] = defaultdict(list)
    for index, unit in enumerate(units):
        if unit.tgt.strip() and any(char.isalpha() for char in unit.src):
            by_source[matching_key(unit.src)].append(index)
    others: dict[int, str] = {}
    for indices in by_source.values():
        keys = {index: units[index].tgt.strip().casefold() for index in indices}
        if len(set(keys.values())) < 2:
            continue
        for index in indices:
            others[index] = next(units[other].tgt for other in indices if keys[other] != keys[index])
    return others
