"""More pairs from those at hand: another name, another figure in the same sentence.

A model that has met a name or a number once learns it with its sentence; met in the place of others, it
learns to carry over what stands there. A pair is varied where a word of a list of names stands on the Arabic
side and its transliteration on the English side, and where the same figure stands once on both. The idea is
that of Fadaee, Bisazza and Monz (2017, "Data augmentation for low-resource neural machine translation"), with
names and figures for rare words: what is put in is always right, whatever the sentence.
"""

import random
import re
from collections.abc import Iterable, Iterator

from dragoman.models.training.filters import Pair

SOURCE = "varied"
_CAPITALISED = re.compile(r"\b[A-Z][A-Za-z]{2,}\b")
_PROCLITICS = "ولب"
_FIGURE = re.compile(r"(?<![\d.,:/-])\d{2,4}(?![\d.,:/-]*\d)")
_YEARS = range(1000, 2100)


class Variation:
    """Draws names and figures anew.

    Args:
        names: pairs of a name in Arabic and in Latin letters; those of several words are not used.
        seed: of the draws.
    """

    def __init__(self, names: Iterable[Pair], seed: int) -> None:
        self._rng = random.Random(seed)
        self._names = {
            pair.ar: pair.en
            for pair in names
            if " " not in pair.ar and pair.en.isascii() and pair.en.isalpha()
        }
        self._drawn_from = sorted(self._names.items())

    def vary(self, pairs: Iterable[Pair], copies: int) -> Iterator[Pair]:
        """Yield `copies` varied copies, of the source `SOURCE`, of each pair that has something to vary."""
        for pair in pairs:
            names, figures = self._names_of(pair), _figures_of(pair)
            if names or figures:
                for _ in range(copies):
                    yield self._varied(pair, names, figures)

    def _names_of(self, pair: Pair) -> list[tuple[str, str]]:
        """Return the names that stand once on both sides, as they stand there (proclitics apart)."""
        words, capitalised = pair.ar.split(), _CAPITALISED.findall(pair.en)
        found = []
        for word in words:
            bare = word if word in self._names or word[0] not in _PROCLITICS else word[1:]
            name = self._names.get(bare)
            if name and words.count(word) == 1 == capitalised.count(name):
                found.append((bare, name))
        return found

    def _varied(self, pair: Pair, names: list[tuple[str, str]], figures: list[str]) -> Pair:
        ar, en = pair.ar, pair.en
        for old_ar, old_en in names:
            new_ar, new_en = self._rng.choice(self._drawn_from)
            ar = re.sub(rf"(?<!\S)([{_PROCLITICS}]?){re.escape(old_ar)}(?!\S)", rf"\g<1>{new_ar}", ar)
            en = re.sub(rf"\b{old_en}\b", new_en, en)
        for figure in figures:
            new = str(self._another(int(figure)))
            ar, en = (re.sub(rf"(?<!\d){figure}(?!\d)", new, side) for side in (ar, en))
        return Pair(ar, en, SOURCE)

    def _another(self, figure: int) -> int:
        """Return a number that may stand where `figure` stands: a year for a year, a day for a day."""
        if figure in _YEARS:
            return self._rng.randrange(max(1000, figure - 150), min(2030, figure + 150))
        if figure <= 31:
            return self._rng.randrange(10, 32)
        return self._rng.randrange(10 ** (len(str(figure)) - 1), 10 ** len(str(figure)))


def _figures_of(pair: Pair) -> list[str]:
    ar, en = _FIGURE.findall(pair.ar), _FIGURE.findall(pair.en)
    return [figure for figure in ar if figure[0] != "0" and ar.count(figure) == 1 == en.count(figure)]
