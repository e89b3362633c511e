"""What a single line of a page shows: length, function words, punctuation, phrases, markup; and a score.

The features are those that tell boilerplate from text without looking at a page's layout (Kohlschütter,
Fankhauser, Nejdl 2010, "Boilerplate detection using shallow text features"; Pomikálek 2011, "Removing
boilerplate and duplicate content from web corpora"), with phrases of Arabic and English sites added.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

from dragoman.corpora.language import languages
from dragoman.corpora.phrases import Effect, Hit, find_phrase, phrase_key
from dragoman.units import Role

_OUTSIDE = 4.5
_LOOKED_AT = 4000  # characters of a line; features do not change beyond
_LONG = 30  # words: a paragraph that may well hold a phrase of sites and still be an article's
_FULL_STOP = re.compile("[.!?؟…۔][\\s\"'”“»«’)\\]]*$")
_STATEMENT = re.compile("[.…۔][\\s\"'”“»«’)\\]]*$")
_SENTENCE = re.compile("[.!?؟…۔]+(?=\\s|$|[\"'”»)])")
_DATE_NUMBER = re.compile(r"\d[\d/:.,٫\-]*(?:st|nd|rd|th|م|ه|هـ)?")
_CRUMB = re.compile(r"\s*[»›>|•·/\\←→]\s*|\s+[-–—]\s+")
_CRUMB_SIGN = re.compile(r"[»›>|•·←→/]")
_MARKUP = re.compile(r"</?[a-zA-Z!][^<>]{0,200}>")
_CLEAR_CRUMB_SIGN = re.compile(r"[»›>|•·←→]|\s/\s")  # "/" between words is an "or" as well
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+|[#@]\w+|&\w{1,20};|\[\d+\]")
_COPYRIGHT = re.compile(r"©|\(c\)\s*\d{4}", re.IGNORECASE)
_CAPTION = re.compile(r"[^\s.!?؟…]\s?\((?=[^()]*[^\W\d_])[^()]{2,40}\)\s*$")
_PICTURE = re.compile(
    r"(?:[.،,]|\s[-–—])\s*(?:تصوير|صورة|الصورة|مصدر الصورة|photo|photograph|image|credit)\s*[:/]",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"\w{1,2}(?: \w{1,2})*(?: ?/ ?\w{1,2}(?: \w{1,2})*)+")
_DATE_LINE = "date line"
CRUMBS = "breadcrumb or menu line"
_COUNTED = "ثواني?|ثانيه|دقيقه|دقايق|ساعه|ساعات|يوما?|ايام|اسابيع|شهرا?|اشهر|شهور|سنه|سنوات|عاما?|اعوام"
_ONE_OR_TWO = "دقيقه|دقيقتين|ساعه|ساعتين|يوم|يومين|اسبوع|اسبوعين"
_AGO = re.compile(
    rf"(?:قبل|منذ) (?:\d+ (?:{_COUNTED})|{_ONE_OR_TWO})"
    r"|\d+ (?:minutes?|hours?|days?|weeks?|months?|years?) ago"
)
_REFERENCE = re.compile(r"\s*[↑^]\s")


class Hint(NamedTuple):
    """What the markup of a page says about a line; the default says nothing.

    Attributes:
        heading: level of the heading it stands in, 1 to 6; 0 when it is none.
        furniture: the part of the page that it stands in, such as "navigation", when articles do not stand
            there.
        is_outside: whether it stands outside the element that holds most of the page's prose.
        extracted: whether a library that extracts main text found the line in it; None when it was not asked.
    """

    heading: int = 0
    furniture: str = ""
    is_outside: bool = False
    extracted: bool | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen in a line.

    Attributes:
        text: the line.
        words: words of its matching key.
        n_words: how many words it has.
        ends: whether it ends like a sentence.
        states: whether it ends like a statement: no question, no exclamation.
        score: how much it looks like part of an article; above 0 for, below 0 against.
        furniture: what kind of site furniture it is, "" when nothing says that it is any.
        hit: the phrase found in it.
        hint: what the markup says.
    """

    text: str
    words: tuple[str, ...]
    n_words: int
    ends: bool
    states: bool
    score: float
    furniture: str
    hit: Hit | None
    hint: Hint

    @property
    def effect(self) -> Effect:
        """How far the line's furniture reaches."""
        return self.hit.effect if self.hit is not None and self.furniture else Effect.LINE

    @property
    def content(self) -> frozenset[str]:
        """The line's words without function words."""
        return frozenset(self.words) - stop_words()

    @property
    def stems(self) -> frozenset[str]:
        """The first letters of those words without "and" and article, which tell kin words well enough."""
        return frozenset(word.removeprefix("و").removeprefix("ال")[:4] for word in self.content)


def weigh(text: str, hint: Hint) -> Evidence:
    """Return the evidence that a line holds."""
    looked_at = text[:_LOOKED_AT]
    key = phrase_key(looked_at)
    words = tuple(key.split())
    n_words = len(words) if len(text) <= _LOOKED_AT else len(text) // 6
    tail = text[-40:]
    ends = bool(_FULL_STOP.search(tail))
    hit = find_phrase(text, key) or _find_initials(text)
    furniture = _furniture(text, words, n_words, ends, hit, hint)
    if furniture and hit is not None and hit.role is not Role.BOILERPLATE:
        hit = None
    density = sum(word in stop_words() for word in words) / max(1, len(words))
    score = _prose_score(looked_at, n_words, density, ends)
    if hit is not None and hit.role is not Role.BOILERPLATE:
        score = max(score, 0.5)
    elif furniture == _DATE_LINE:
        score = max(score, -0.5)  # under headlines, and between the entries of a page that is kept up to date
    elif furniture:
        score -= 1.5
        if hit is not None and hit.effect is not Effect.LINE:
            score -= 3.0
        if hit is not None and not hit.whole and n_words > _LONG:
            score += 2.0
    score -= _OUTSIDE * hint.is_outside
    if hint.extracted is not None:
        score += 2.0 if hint.extracted else -1.5
    return Evidence(text, words, n_words, ends, bool(_STATEMENT.search(tail)), score, furniture, hit, hint)


def _find_initials(text: str) -> Hit | None:
    """Return the hit of a line of initials, as agencies sign with ("د ف/م ن"), None for all other lines."""
    if _INITIALS.fullmatch(text.strip()) and not any(char.isdecimal() for char in text):
        return Hit(Role.CREDIT, Effect.LINE, True, "initials of the editors", "")
    return None


def _furniture(text: str, words: Sequence[str], n_words: int, ends: bool, hit: Hit | None, hint: Hint) -> str:
    """Return what kind of site furniture a line is, "" when nothing says that it is any."""
    if hit is not None and hit.role is Role.BOILERPLATE:
        return hit.reason
    if hit is not None and hit.reason == "byline" and _n_date_words(words) >= 3:
        return "byline and date"
    if hint.furniture:
        return hint.furniture
    if hit is not None:
        return ""
    if n_words <= _LONG and _COPYRIGHT.search(text):
        return "copyright line"
    if (
        1 < n_words <= 16
        and _n_date_words(words) >= 0.75 * n_words
        and any(char.isdecimal() for char in text)
    ):
        return _DATE_LINE
    if n_words <= 7 and not ends and _ends_with(_AGO, " ".join(words)):
        return "name and time"
    if _is_crumb_line(text, n_words, ends):
        return CRUMBS
    if n_words <= 4 and _ADDRESS.search(text) and not _ADDRESS.sub("", text).strip(" \t:,،|-/0123456789"):
        return "address, tag or code"
    if n_words <= 20 and not ends and (_CAPTION.search(text[-60:]) or _PICTURE.search(text)):
        return "caption of a picture"
    if _REFERENCE.match(text):
        return "reference"
    return ""


def _prose_score(text: str, n_words: int, density: float, ends: bool) -> float:
    """Return how much a line looks like running text; 0 is undecided, a good paragraph has 3 to 4."""
    n_sentences = len(_SENTENCE.findall(text))
    if n_sentences >= 3 and n_words <= 5 * n_sentences and density < 0.08:
        return -0.5  # mottoes and slogans of an author's box: full stops without sentences
    if n_words >= _LONG:
        return 4.0 if ends or density >= 0.1 else 1.5
    if n_words >= 12:
        return 3.0 if ends and density >= 0.05 else 1.5 if ends or density >= 0.12 else -0.3
    if n_words >= 6:
        return 1.0 if ends else -0.5
    return 0.3 if ends else -0.7


def _ends_with(pattern: re.Pattern[str], text: str) -> bool:
    return any(match.end() == len(text) for match in pattern.finditer(text))


def _n_date_words(words: Sequence[str]) -> int:
    return sum(word in _date_words() or bool(_DATE_NUMBER.fullmatch(word)) for word in words)


def _is_crumb_line(text: str, n_words: int, ends: bool) -> bool:
    """Tell whether a line is a path or menu on one line: short names between », ›, | …."""
    text = _MARKUP.sub(" ", text)  # whose brackets part nothing
    if n_words > 20 or ends or text[:1] == "|" or not _CRUMB_SIGN.search(text):
        return False
    parts = [part for part in _CRUMB.split(text.strip()) if part]
    if len(parts) < 2:
        return False
    if _CLEAR_CRUMB_SIGN.search(text) and all(len(part.split()) <= 3 for part in parts):
        return True
    return find_phrase(parts[0]) is not None


@cache
def _date_words() -> frozenset[str]:
    table = resources.files("dragoman.corpora").joinpath("tables/date_words.txt").read_text(encoding="utf-8")
    rows = [row for row in table.split("\n") if not row.startswith("#")]
    return frozenset(phrase_key(word) for word in " ".join(rows).split())


@cache
def stop_words() -> frozenset[str]:
    """Return the function words of Arabic and English, as matching keys."""
    return frozenset(phrase_key(word) for code in ("ar", "en") for word in languages()[code].words)
