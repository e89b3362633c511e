"""Is a text in the language it is said to be in? Arabic against its neighbours, by letters and words.

A text counts as Arabic when Arabic-script letters are a fair part of its letters and no other language
written in that script explains its words better. Frequent words decide, letters that Arabic lacks support
them: Arabic typed on a Persian keyboard has the letters of Persian and the words of Arabic, and stays
Arabic. Frequent words are compared with variants of letters folded, as both kinds of text mix them.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from dragoman.corpora.normalisation import (
    drop_diacritics,
    drop_invisible,
    drop_tatweel,
    fold_foreign_letters,
    fold_presentation_forms,
    is_arabic_letter,
)
from dragoman.errors import DragomanError, LanguageError, NoTextError

_SAMPLE = 30_000  # characters; frequent words settle the question long before
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ARTICLE = re.compile("[وفبك]?(?:ال|لل)\\w{2,}")
_MINIMUM_SHARE = 0.2  # of a text's letters that are Arabic; below, it is another language that quotes Arabic
_ARABIZI_DIGITS = re.compile(r"\b(?=\w*[a-z])\w*(?:[a-z][23578]|[23578][a-z])\w*\b", re.IGNORECASE)
_LOST = re.compile("[?\ufffd]")


@dataclass(frozen=True, slots=True)
class Language:
    """A row of tables/languages.tsv, words folded as `_fold` folds them."""

    code: str
    name: str
    script: str
    letters: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Guess:
    """What a text's language seems to be.

    Attributes:
        code: language code, "" when nothing is known.
        name: its English name, "" likewise.
        arabic_share: part of the letters that are of the Arabic script, in [0, 1].
        n_letters: letters of any script.
    """

    code: str
    name: str
    arabic_share: float
    n_letters: int


@cache
def languages() -> dict[str, Language]:
    """Return the table of languages by code."""
    table = resources.files("dragoman.corpora").joinpath("tables/languages.tsv").read_text(encoding="utf-8")
    rows = [row.split("\t") for row in table.split("\n") if row and not row.startswith("#")]
    words_of = {row[0]: frozenset(map(_fold, row[4].split())) for row in rows}
    # A word of Arabic says nothing for its neighbours, and a lone و is a conjunction in all of them.
    shared = words_of["ar"] | {"\u0648"}
    return {
        code: Language(
            code,
            name,
            script,
            frozenset(letters.split()),
            words_of[code] - (frozenset() if code == "ar" else shared),
        )
        for code, name, script, letters, _ in rows
    }


def guess_language(text: str) -> Guess:
    """Guess the language of a text from a sample of its words and letters."""
    text = drop_tatweel(drop_diacritics(drop_invisible(fold_presentation_forms(text[:_SAMPLE]))))
    letters = [char for char in text if char.isalpha()]
    n_arabic = sum(map(is_arabic_letter, letters))
    share = n_arabic / len(letters) if letters else 0.0
    if not letters:
        return Guess("", "", 0.0, 0)
    script = (
        "arab" if share >= 0.5 or (share >= _MINIMUM_SHARE and _is_mostly(letters, n_arabic)) else "other"
    )
    if script == "arab":
        scores = _arabic_script_scores([word for word in _WORD.findall(text) if is_arabic_letter(word[0])])
    else:
        scores = _other_script_scores(text)
    code = max(scores, key=lambda code: scores[code])
    if scores[code] <= 0:
        return (
            Guess("ar", "Arabic", share, len(letters))
            if script == "arab"
            else Guess("", "", share, len(letters))
        )
    return Guess(code, languages()[code].name, share, len(letters))


def arabic_word_share(text: str) -> float:
    """Return the share of words that are frequent in Arabic or carry its article, in [0, 1].

    In Arabic prose it is about .35; bytes decoded with the wrong encoding stay under .05.
    """
    counts = Counter(_WORD.findall(drop_diacritics(text)))
    frequent = languages()["ar"].words
    n_arabic = sum(
        count
        for word, count in counts.items()
        if len(word) > 1 and ((folded := _fold(word)) in frequent or _ARTICLE.fullmatch(folded))
    )
    return n_arabic / max(1, counts.total())


def check_language(text: str, lang: str, name: str) -> DragomanError | None:
    """Return what speaks against reading the text as `lang`, None when nothing does.

    Only Arabic and English are checked. The error says what the text looks like and how to go on
    nevertheless; the caller raises it, or makes a notice of it when told to take any language.
    """
    guess = guess_language(text)
    if lang == "en":
        if guess.arabic_share > 0.5:
            return LanguageError(
                f"{name}: the text is Arabic ({guess.arabic_share:.0%} Arabic letters), not English"
            )
        return None
    if lang != "ar":
        return None
    if guess.arabic_share == 0 and _has_lost(text, guess):
        return NoTextError(
            f"{name}: no Arabic letters; the encoding was lost when the file was saved "
            f"({len(_LOST.findall(text)):,} question marks stand for letters): get the original file again"
        )
    if not guess.n_letters:
        return NoTextError(f"{name}: no Arabic text: there are no letters in it")
    if guess.code == "arabizi":
        return LanguageError(
            f"{name}: no Arabic script: this looks like {guess.name}; write it in Arabic letters"
        )
    if guess.arabic_share < _MINIMUM_SHARE:
        likely = f"; it looks like {guess.name} ({guess.code})" if guess.name and guess.code != "ar" else ""
        share = f"{guess.arabic_share:.0%} Arabic letters"
        return LanguageError(f"{name}: text is not Arabic ({share}){likely}; --force goes on nevertheless")
    if guess.code != "ar" and guess.name and languages()[guess.code].script == "arab":
        return LanguageError(
            f"{name}: looks like {guess.name} ({guess.code}), not Arabic; --force goes on nevertheless"
        )
    return None


def has_lost_letters(text: str) -> bool:
    """Tell whether question marks stand where the letters were, as after saving in the wrong encoding."""
    return _has_lost(text, guess_language(text))


def _has_lost(text: str, guess: Guess) -> bool:
    n_lost = len(_LOST.findall(text))
    return n_lost > 10 and n_lost > guess.n_letters


def _fold(word: str) -> str:
    return fold_foreign_letters(word.casefold()).replace("\u0649", "\u064a")


def _is_mostly(letters: list[str], n_arabic: int) -> bool:
    """Tell whether Arabic outweighs every other script, though it is less than half of all letters."""
    n_latin = sum(char < "\u0250" for char in letters)
    return n_arabic >= n_latin or n_arabic >= 0.4 * len(letters)


def _arabic_script_scores(words: Iterable[str]) -> dict[str, float]:
    """Return, per language of the Arabic script, the share of words that speak for it."""
    written = {code: language for code, language in languages().items() if language.script == "arab"}
    scores = dict.fromkeys(written, 0.0)
    counts = Counter(words)
    for word, count in counts.items():
        folded = _fold(word)
        for code, language in written.items():
            if folded in language.words:
                scores[code] += count
            elif language.letters and not language.letters.isdisjoint(word):
                scores[code] += 0.3 * count
        if _ARTICLE.fullmatch(folded):
            scores["ar"] += count
    # In doubt it is Arabic, the language that was asked for: a neighbour needs more than a stray word.
    n_words = max(1, counts.total())
    return {code: score / n_words - (0.0 if code == "ar" else 0.05) for code, score in scores.items()}


def _other_script_scores(text: str) -> dict[str, float]:
    words = [word.casefold() for word in _WORD.findall(text)]
    scores = {
        code: sum(_fold(word) in language.words for word in words) / max(1, len(words))
        for code, language in languages().items()
        if language.script in ("latn", "hebr")
    }
    scores["arabizi"] += len(_ARABIZI_DIGITS.findall(text)) / max(1, len(words))
    return scores
