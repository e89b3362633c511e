r"""Which pairs are fit for training: a filter is a callable that says whether it keeps a pair.

The order is by cost: lengths, scripts, duplicates, overlap with test sets. `apply_filters` counts what
each one refused. Thresholds come from the configuration; the defaults were set by looking at what they
drop.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from dragoman.models.training.normalize import normalize_arabic

ARABIC = re.compile(r"[\u0621-\u064a]")
LATIN = re.compile(r"[A-Za-z]")
_WORD = re.compile(r"\w+")


class Pair(NamedTuple):
    """An Arabic sentence, its English translation and the name of the set it comes from."""

    ar: str
    en: str
    source: str


Filter = Callable[[Pair], bool]


class LengthFilter:
    """Keeps pairs with words on both sides, not too many, and in a plausible ratio.

    English takes about 1.2 words for one Arabic word; pairs of up to four Arabic words may have any ratio.
    """

    def __init__(self, max_words: int, min_ratio: float, max_ratio: float) -> None:
        if not 0 < min_ratio < max_ratio:
            raise ValueError(f"need 0 < min_ratio < max_ratio, got {min_ratio} and {max_ratio}")
        self._max_words, self._min_ratio, self._max_ratio = max_words, min_ratio, max_ratio

    def __call__(self, pair: Pair) -> bool:
        """Return whether the pair is kept."""
        n_ar, n_en = len(_WORD.findall(pair.ar)), len(_WORD.findall(pair.en))
        if not n_ar or not n_en or max(n_ar, n_en) > self._max_words:
            return False
        return n_ar <= 4 or self._min_ratio <= n_en / n_ar <= self._max_ratio


class ScriptFilter:
    """Keeps pairs whose sides are written in their own script: a cheap and strict test.

    At least `min_share` of the Arabic side's characters are Arabic letters; the English side has at most
    two of those, and Latin letters make up at least 0.4 of it.
    """

    def __init__(self, min_share: float) -> None:
        self._min_share = min_share

    def __call__(self, pair: Pair) -> bool:
        """Return whether the pair is kept."""
        n_ar, n_en = len(pair.ar.replace(" ", "")), len(pair.en.replace(" ", ""))
        if len(ARABIC.findall(pair.en)) > 2:
            return False
        return (
            len(ARABIC.findall(pair.ar)) >= self._min_share * n_ar
            and len(LATIN.findall(pair.en)) >= 0.4 * n_en
        )


class DuplicateFilter:
    """Keeps the first of pairs that are equal after normalisation, case and punctuation apart."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def __call__(self, pair: Pair) -> bool:
        """Return whether the pair is kept."""
        key = hash((words_of(pair.ar), words_of(pair.en)))
        if key in self._seen:
            return False
        self._seen.add(key)
        return True


class OverlapFilter:
    """Refuses near-copies of test sentences.

    A side is a near-copy when at least `share` of its word n-grams occur in the test sets; a side shorter
    than `n` words only when it is the whole of a test sentence.
    """

    def __init__(self, test_lines: Iterable[str], n: int, share: float) -> None:
        if n < 1 or not 0 < share <= 1:
            raise ValueError(f"need n >= 1 and 0 < share <= 1, got {n} and {share}")
        self._n, self._share = n, share
        self._ngrams: set[tuple[str, ...]] = set()
        self._whole: set[tuple[str, ...]] = set()
        for line in test_lines:
            words = words_of(line)
            self._whole.add(words)
            self._ngrams.update(ngrams_of(words, n))

    def __call__(self, pair: Pair) -> bool:
        """Return whether the pair is kept."""
        return not (self._is_near_copy(pair.ar) or self._is_near_copy(pair.en))

    def _is_near_copy(self, text: str) -> bool:
        words = words_of(text)
        if not words:
            return False
        grams = list(ngrams_of(words, self._n))
        if not grams:
            return words in self._whole
        return sum(gram in self._ngrams for gram in grams) >= self._share * len(grams)


@lru_cache(maxsize=8)  # several filters ask for the same two sides in turn
def words_of(text: str) -> tuple[str, ...]:
    """Return the normalised, case-folded words of a text in either language, without punctuation.

    >>> words_of("Hello, World!")
    ('hello', 'world')
    """
    return tuple(_WORD.findall(normalize_arabic(text).casefold()))


def ngrams_of(words: tuple[str, ...], n: int) -> Iterator[tuple[str, ...]]:
    """Yield the runs of `n` words."""
    return (words[start : start + n] for start in range(len(words) - n + 1))


def apply_filters(pairs: Iterable[Pair], filters: dict[str, Filter], refused: Counter[str]) -> Iterator[Pair]:
    """Yield the pairs that every filter keeps; `refused` counts the others under `source filter`.

    `pairs` is consumed; `refused` is the caller's own counter, filled as the stream runs.
    """
    for pair in pairs:
        for name, keeps in filters.items():
            if not keeps(pair):
                refused[f"{pair.source} {name}"] += 1
                break
        else:
            yield pair
