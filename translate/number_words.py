"""Number words of Arabic and English: their values, and how a row of them makes one number.

A text's tokens become `Token`s with a value each; `compose` adds and multiplies neighbours into numbers:
"مئتان وخمسة وعشرون ألفا" and "two hundred and twenty-five thousand" are both 225,000. Arabic words are looked
up in folded spelling (`fold_arabic`), without the prefixes و ف ب ل ك ال.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from dragoman.corpora.normalisation import (
    drop_diacritics,
    drop_invisible,
    drop_tatweel,
    fold_digits,
    fold_foreign_letters,
    fold_presentation_forms,
)

_LETTERS = str.maketrans("أإآٱىةؤئ", "اااايهوي")

_AR_UNITS = {
    1: "واحد واحده احد احدي",
    2: "اثنان اثنين اثنتان اثنتين اثنا اثني اثنتا اثنتي",
    3: "ثلاثه ثلاث",
    4: "اربعه اربع",
    5: "خمسه خمس",
    6: "سته ست",
    7: "سبعه سبع",
    8: "ثمانيه ثماني ثمان",
    9: "تسعه تسع",
    10: "عشره عشر",
}
_AR_TENS = {20: "عشر", 30: "ثلاث", 40: "اربع", 50: "خمس", 60: "ست", 70: "سبع", 80: "ثمان", 90: "تسع"}
_AR_ORDINALS = {
    1: "اول اولي",
    2: "ثاني ثانيه ثان",
    3: "ثالث ثالثه",
    4: "رابع رابعه",
    5: "خامس خامسه",
    6: "سادس سادسه",
    7: "سابع سابعه",
    8: "ثامن ثامنه",
    9: "تاسع تاسعه",
    10: "عاشر عاشره",
}
_HUNDRED = "ميه مييه مايه مئه مائه"
_AR_SCALES = {
    1_000: ("الف", "الاف"),
    1_000_000: ("مليون", "ملايين"),
    1_000_000_000: ("مليار", "مليارات"),
    1_000_000_000_000: ("تريليون", "تريليونات"),
}
# fmt: off
_EN_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
# fmt: on
_EN_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
# fmt: off
_EN_ORDINALS = (
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth",
)
# fmt: on
_EN_SCALES = {
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000,
    "bn": 1_000_000_000,
    "m": 1_000_000,  # or metres: both readings are kept
}


@dataclass(frozen=True, slots=True)
class Token:
    """A number word, or a number in digits, of a text.

    Attributes:
        value: its value; alternatives where the digits can be read in two ways.
        start: code point offset of the token in the folded text.
        end: its end, exclusive.
        kind: "digits", "word" (below 1000), "hundred" or "scale" (1000 and more: multiplies what stands
            before).
        joined: it follows an "and", as in "وعشرون".
        cardinal: a counting word, not an ordinal.
    """

    values: tuple[Fraction, ...]
    start: int
    end: int
    kind: str
    joined: bool = False
    cardinal: bool = False

    @property
    def value(self) -> Fraction:
        """The first reading."""
        return self.values[0]


@dataclass(frozen=True, slots=True)
class Number:
    """A number that stands in a text.

    Attributes:
        values: its value; several where it can be read in several ways.
        parts: the values of the pieces it was composed from, for a number that the other side splits.
        start: offset in the folded text.
        end: end offset, exclusive.
        in_digits: written in digits, at least partly.
        cardinal: made of counting words, and a count beyond doubt.
        scale: the thousand, million … that it ends in, 1 without one.
    """

    values: frozenset[Fraction]
    parts: tuple[frozenset[Fraction], ...]
    start: int
    end: int
    in_digits: bool
    cardinal: bool = False
    scale: Fraction = Fraction(1)


@lru_cache(maxsize=4096)
def fold_arabic(text: str) -> str:
    """Return Arabic text in the spelling of the tables here: no marks, alef, yeh and teh marbuta folded.

    Digits and their separators become ASCII, an Arabic comma between digits too.
    """
    text = fold_foreign_letters(fold_presentation_forms(drop_invisible(text)))
    text = drop_tatweel(drop_diacritics(fold_digits(text))).translate(_LETTERS)
    return re.sub(r"(?<=\d)،(?=\d)", ",", text)


def _arabic_words() -> dict[str, tuple[int, str, bool]]:
    """Return folded word → (value, kind, whether it is a cardinal)."""
    words: dict[str, tuple[int, str, bool]] = {}
    for value, forms in _AR_ORDINALS.items():
        words |= dict.fromkeys(forms.split(), (value, "word", False))
    words |= {"حادي": (1, "word", False), "حاديه": (1, "word", False)}
    for value, forms in _AR_UNITS.items():
        words |= dict.fromkeys(forms.split(), (value, "word", True))
    for value, stem in _AR_TENS.items():
        words |= {stem + ending: (value, "word", True) for ending in ("ون", "ين")}
    for form in _HUNDRED.split():
        words[form] = (100, "hundred", True)
        stem = form[:-1]
        words |= {stem + ending: (200, "word", True) for ending in ("تان", "تين", "تا", "تي")}
        for value, forms in _AR_UNITS.items():
            if value in range(3, 10):
                words |= {unit + form: (value * 100, "word", True) for unit in forms.split()}
                words |= {
                    unit.removesuffix("ه") + form: (value * 100, "word", True) for unit in forms.split()
                }
    for value, (one, many) in _AR_SCALES.items():
        names = [one]
        if value == 1_000_000_000:
            names.append("بليون")
        if value == 1_000_000_000_000:
            names.append("ترليون")
        for name in names:
            words[name] = words[name + "ا"] = (value, "scale", True)
            words |= {name + ending: (2 * value, "dual", True) for ending in ("ين", "ان", "ي")}
        words[many] = (value, "scales", True)
    words["بلايين"] = (1_000_000_000, "scales", True)
    return words


_NO_NUMBERS = frozenset(
    {"لست", "كست", "كسته", "فست"}
)  # "I am not", "it clothed": a prefix is part of the word
_ARABIC = _arabic_words()
_ENGLISH: dict[str, tuple[int, str, bool]] = (
    {word: (value, "word", True) for value, word in enumerate(_EN_UNITS)}
    | {word: (value, "word", False) for value, word in enumerate(_EN_ORDINALS)}
    | {word: (10 * tens, "word", True) for tens, word in enumerate(_EN_TENS, 2)}
    | {word[:-1] + "ieth": (10 * tens, "word", False) for tens, word in enumerate(_EN_TENS, 2)}
    | {
        "hundred": (100, "hundred", False),
        "hundredth": (100, "hundred", False),
        "dozen": (12, "hundred", False),
    }
    | {word: (value, "scale", False) for word, value in _EN_SCALES.items()}
    | {word + "th": (value, "scale", False) for word, value in _EN_SCALES.items() if len(word) > 2}
)
_TOKEN = re.compile(
    r"(?P<digits>\d+(?:[.,\u00a0\u202f\u2009]\d+)*)|(?P<word>[^\W\d_]+)|(?P<hyphen>(?<=\w)-(?=\w))|(?P<other>\S)"
)


def arabic_tokens(folded: str) -> Iterator[Token | None]:
    """Yield the number tokens of folded Arabic text, None where something else comes between."""
    joined = False
    for match in _TOKEN.finditer(folded):
        word = match["word"]
        if match["digits"]:
            yield Token(digit_values(match[0], comma_is_decimal=True), *match.span(), "digits", joined)
        elif word == "و":
            joined = True
            continue
        elif word in ("ونصف", "والنصف"):
            yield Token((Fraction(1, 2),), *match.span(), "half", joined=True, cardinal=True)
        elif word and (found := _look_up_arabic(word)):
            (value, kind, cardinal), has_waw = found
            yield Token((Fraction(value),), *match.span(), kind, joined or has_waw, cardinal)
        else:
            yield None
        joined = False


@lru_cache(maxsize=8192)
def _look_up_arabic(word: str) -> tuple[tuple[int, str, bool], bool] | None:
    """Return the entry of a word, prefixes taken off one by one, and whether it began with "and"."""
    if entry := _ARABIC.get(word):
        return entry, False
    has_waw = word[0] in "وف"
    rest = word[1:] if has_waw else word
    candidates = [rest]
    if rest[:1] in ("ب", "ل", "ك"):
        candidates.append(rest[1:])
    candidates += [form[2:] for form in candidates if form.startswith("ال")]
    if rest.startswith("لل"):
        candidates.append(rest[2:])
    for form in candidates:
        if (entry := _ARABIC.get(form)) and word not in _NO_NUMBERS:
            return entry, has_waw
    return None


def english_tokens(text: str) -> Iterator[Token | None]:
    """Yield the number tokens of English text, None where something else comes between."""
    joined, after_number = False, False
    for match in _TOKEN.finditer(text):
        word = (match["word"] or "").casefold()
        if match["digits"]:
            yield Token(digit_values(match[0], comma_is_decimal=False), *match.span(), "digits", joined)
            after_number = True
        elif match["hyphen"] and after_number:
            continue
        elif word == "half" and joined:
            yield Token((Fraction(1, 2),), *match.span(), "half", joined=True, cardinal=True)
        elif word == "a" and joined:
            continue
        elif word == "and" and after_number:
            joined = True
            continue
        elif entry := _ENGLISH.get(word):
            value, kind, cardinal = entry
            if word in ("m", "bn") and not after_number:
                yield None
                continue
            values = (Fraction(value), Fraction(1)) if word == "m" else (Fraction(value),)
            yield Token(values, *match.span(), kind, joined, cardinal)
            after_number = True
        elif after_number and word in ("st", "nd", "rd", "th", "s"):
            continue
        else:
            yield None
            after_number = False
        joined = False


def digit_values(digits: str, *, comma_is_decimal: bool) -> tuple[Fraction, ...]:
    """Read a number in digits; the usual reading first.

    "1,200" is 1200 (and, where commas can be decimal, 1.2), "11,3" is 11.3, "1.200" 1.2 or 1200, "1.200.000"
    1200000. What is none of these, such as "192.168.1.1", gives no value.
    """
    digits = re.sub("[\u00a0\u202f\u2009]", ",", digits)
    n_commas, n_dots = digits.count(","), digits.count(".")
    plain = digits.replace(",", "")
    grouped = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", digits) is not None
    if grouped and n_commas == 0 and n_dots == 1 and re.fullmatch(r"\d{1,3}\.\d{3}", digits):
        return Fraction(digits), Fraction(digits.replace(".", ""))
    if grouped and n_commas == 1 and n_dots == 0 and comma_is_decimal:
        return Fraction(plain), Fraction(digits.replace(",", "."))
    if grouped:
        return (Fraction(plain),)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", digits):
        return (Fraction(digits.replace(".", "").replace(",", ".")),)
    if n_commas == 1 and n_dots == 0:
        return (Fraction(digits.replace(",", ".")),)
    if re.fullmatch(r"\d{1,3}(?:,\d{2})+,\d{3}(?:\.\d+)?", digits):  # Indian grouping
        return (Fraction(plain),)
    return ()


def compose(tokens: Iterable[Token | None], *, units_first: bool) -> list[Number]:
    """Compose neighbouring tokens into numbers.

    Args:
        tokens: tokens in order; None breaks a number.
        units_first: units stand before tens, as in Arabic.
    """
    numbers: list[Number] = []
    row: list[Token] = []
    for token in tokens:
        if token is not None and row and _continues(row, token, units_first=units_first):
            row.append(token)
            continue
        if row:
            numbers.extend(_number(row))
        row = [token] if token is not None else []
    if row:
        numbers.extend(_number(row))
    return numbers


def _continues(row: list[Token], token: Token, *, units_first: bool) -> bool:
    """Tell whether a token goes on with the number that `row` has begun."""
    last = row[-1]
    if not token.values or not last.values:
        return False
    if token.kind == "half":
        return last.kind != "half"
    if last.kind == "half":
        return token.kind == "scale" and not token.joined
    if token.kind in ("scale", "scales", "hundred"):
        return not token.joined and last.kind not in ("scales",) and last.value < token.value
    if token.kind == "digits" or last.kind == "digits":
        return (
            token.joined and last.kind in ("scale", "scales", "hundred", "dual") and token.value < last.value
        )
    if last.value >= 100:
        return (token.joined or not units_first) and token.value < last.value
    if token.value == 10 and last.value < 10:  # teens: "ثلاثة عشر"
        return units_first and not token.joined
    if units_first:
        return token.joined and last.value < 10 and 20 <= token.value < 100
    return last.value >= 20 and token.value < 10 and not token.joined


def _is_plain(token: Token) -> bool:
    """Tell whether a lone word is a count: "one", "two" and "a thousand" often are not."""
    return token.kind == "dual" or (token.kind == "word" and token.value > 2)


def _number(row: list[Token]) -> list[Number]:
    """Return the number that a row of tokens makes, none for an indefinite "thousands"."""
    row = [token for token in row if token.values]
    if not row or (len(row) == 1 and row[0].kind == "scales"):
        return []
    total, current, parts = Fraction(0), Fraction(0), []
    for before, token in zip([None, *row], row, strict=False):
        if token.kind == "half" and before is not None and before.kind in ("scale", "scales", "dual"):
            # "مليونان ونصف": half of the scale
            current += token.value * (before.value / 2 if before.kind == "dual" else before.value)
        elif before is not None and before.kind == "half" and token.value <= total:
            pass  # "مليارين ونصف مليار": the scale is said twice
        elif token.kind in ("scale", "scales"):
            current = (current or 1) * token.value
            parts.append(current)
            total, current = total + current, Fraction(0)
        elif token.kind == "dual":
            parts.append(token.value)
            total += token.value
        elif token.kind == "hundred":
            current = (current or 1) * token.value
        else:
            current += token.value
    if current:
        parts.append(current)
    values = {total + current}
    if row[-1].kind == "half" and current > 1:
        values.add(total + current - Fraction(1, 2))  # "four and a half hours" is "أربع ساعات ونصف"
    if len(row) == 1:
        values |= set(row[0].values)
    elif row[0].kind == "digits" and len(row) == 2 and row[1].kind in ("scale", "scales"):
        values |= {value * scale for value in row[0].values for scale in row[1].values}
    pieces = tuple(frozenset({part}) for part in parts)
    if len(pieces) == 1 and len(row) == 2 and all(token.kind == "word" for token in row):
        pieces = tuple(frozenset(token.values) for token in row)  # "ثلاثة وعشرون" may be "three and twenty"
    return [
        Number(
            values=frozenset(values),
            parts=pieces,
            start=row[0].start,
            end=row[-1].end,
            in_digits=any(token.kind == "digits" for token in row),
            cardinal=all(token.cardinal for token in row) and (len(row) > 1 or _is_plain(row[0])),
            scale=row[-1].value if row[-1].kind in ("scale", "scales") else Fraction(1),
        )
    ]
