"""N-grams won and lost: what one system gets right and another does not, in words.

For each n-gram of words its matches in the reference are counted for both systems, clipped by the reference
as in BLEU. An n-gram whose matches changed by d of n occurrences ranks by d^1.5 / (n + 2): large for words
that changed often and nearly always, small for frequent words that changed a little (compare-mt, Neubig et
al. 2019, ranks by the smoothed share d / n alone, which rare words dominate).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from dragoman.eval.bead_units import Units
from dragoman.eval.breakdowns import words
from dragoman.eval.comparison import NgramChange, NgramDifference

_MAX_ORDER = 4
_SHOWN = 25
_EXAMPLES = 3
_MIN_DIFFERENCE = 2  # one more match is no pattern

_Matches = list[Counter[tuple[str, ...]]]


def ngram_differences(units: Units, systems: Sequence[str]) -> tuple[NgramDifference, ...]:
    """Compare every system with the first one.

    Args:
        units: as scored; the first available reference of each is used.
        systems: names, one a system of the units.
    """
    references = [
        _ngrams(next((ref for ref in refs if ref is not None), "")) for refs in zip(*units.refs, strict=True)
    ]
    totals: Counter[tuple[str, ...]] = Counter()
    for found in references:
        totals.update(found)
    baseline, *others = (_matches(references, hyps) for hyps in units.hyps)
    return tuple(
        _difference(name, totals, baseline, matches)
        for name, matches in zip(systems[1:], others, strict=True)
    )


def _ngrams(text: str) -> Counter[tuple[str, ...]]:
    tokens = words(text)
    return Counter(
        tuple(tokens[i : i + n]) for n in range(1, _MAX_ORDER + 1) for i in range(len(tokens) - n + 1)
    )


def _matches(references: Sequence[Counter[tuple[str, ...]]], hyps: Sequence[str]) -> _Matches:
    return [reference & _ngrams(hyp) for reference, hyp in zip(references, hyps, strict=True)]


def _difference(
    system: str, totals: Counter[tuple[str, ...]], baseline: _Matches, matches: _Matches
) -> NgramDifference:
    ours: Counter[tuple[str, ...]] = Counter()
    theirs: Counter[tuple[str, ...]] = Counter()
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, (before, after) in enumerate(zip(baseline, matches, strict=True)):
        if before == after:
            continue
        for ngram, count in (after - before).items():
            ours[ngram] += count
            places[ngram].append(index)
        for ngram, count in (before - after).items():
            theirs[ngram] += count
            places[ngram].append(index)
    all_before: Counter[tuple[str, ...]] = Counter()
    for found in baseline:
        all_before.update(found)
    changes = []
    for ngram in ours.keys() | theirs.keys():
        delta = ours[ngram] - theirs[ngram]
        if abs(delta) >= _MIN_DIFFERENCE:
            n_before = all_before[ngram]
            changes.append((ngram, n_before, n_before + delta))

    def telling(change: tuple[tuple[str, ...], int, int]) -> tuple[float, int, tuple[str, ...]]:
        ngram, before, after = change
        return (-abs(after - before) / (totals[ngram] + 2) * abs(after - before) ** 0.5, -len(ngram), ngram)

    changes.sort(key=telling)
    shown = [
        NgramChange(" ".join(ngram), before, after, totals[ngram], tuple(places[ngram][:_EXAMPLES]))
        for ngram, before, after in changes
    ]
    return NgramDifference(
        system,
        tuple([change for change in shown if change.n_system > change.n_baseline][:_SHOWN]),
        tuple([change for change in shown if change.n_system < change.n_baseline][:_SHOWN]),
    )
