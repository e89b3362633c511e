"""Are the numbers of a source text in its translation? Values are compared, not spellings.

Digits of all three kinds, thousands and decimal separators, number words of both languages, مليون and مليار,
months, decades and clock times are read, so that "٦٫٨ مليون" fits "6.8 million" and "6,800,000", and
"تسعة عشر" fits "19". Every number in digits has to be found, words where they are plain counting words.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import zip_longest

from dragoman.translate.number_words import (
    Number,
    arabic_tokens,
    compose,
    english_tokens,
    fold_arabic,
)

_AR_MONTHS = (
    ("يناير", "كانون الثاني", "جانفي"),
    ("فبراير", "شباط", "فيفري"),
    ("مارس", "اذار"),
    ("ابريل", "نيسان", "افريل"),
    ("مايو", "ايار", "ماي"),
    ("يونيو", "يونيه", "حزيران", "جوان"),
    ("يوليو", "يوليه", "تموز", "جويليه"),
    ("اغسطس", "اب", "اوت", "غشت"),
    ("سبتمبر", "ايلول", "شتنبر"),
    ("اكتوبر", "تشرين الاول"),
    ("نوفمبر", "تشرين الثاني", "نونبر"),
    ("ديسمبر", "كانون الاول", "دجنبر"),
)
_EN_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EN_MONTH = re.compile(
    r"\b(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b",
    re.IGNORECASE,
)
_AR_DECADES = {
    "عشرين": 20,
    "ثلاثين": 30,
    "اربعين": 40,
    "خمسين": 50,
    "ستين": 60,
    "سبعين": 70,
    "ثمانين": 80,
    "تسعين": 90,
}
_AR_DECADE = re.compile(f"({'|'.join(_AR_DECADES)})ي?ات")
_EN_DECADES = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
# English words that stand for a small number without being one, and Arabic ones.
_EN_HINTS = {
    1: "once single sole a an only",
    2: "twice both double twin pair couple two-thirds half second doubled bilateral biennial dual secondly",
    3: "triple thrice trio tripled tripling threefold trilateral third thirds",
    4: "quarter quarters quadruple quadrupled quadrupling fourfold fourth quartet",
    5: "fifth fifths quintet fivefold quintupled",
    6: "sixth sixfold",
    7: "week weekly seventh sevenfold",
    8: "eighth eightfold",
    9: "ninefold",
    10: "decade tenth tenths tenfold dozen",
    12: "dozen year noon midnight",
    14: "fortnight",
    24: "day",
    100: "century centuries cent percent hundredfold",
    50: "half percent",
    25: "quarter",
}
_AR_HINTS = {
    1: "واحد وحيد مره اول هدف",
    2: "مرتين كلا كلتا ضعف نصف مزدوج ثنايي زوج",
    3: "ثلث ثلثي ثلثا ثلثين ثلاثي",
    4: "ربع رباعي ارباع",
    5: "خمس خماسي اخماس",
    6: "سدس سداسي",
    7: "اسبوع اسبوعيا",
    10: "عقد عشر العقد عشري",
    12: "دزينه سنه عام",
    14: "اسبوعين",
    50: "نصف",
    25: "ربع",
    75: "ارباع",
    100: "قرن مييه",
}
_AR_PERCENT = re.compile(r"(?:في|ب)\s*ال(?:ميه|مييه|مايه|مئه|مائه)(?!\w)|%")
_AR_PERCENTAGE = re.compile(r"\d\s*(?:%|(?:في|ب)\s*ال(?:ميه|مييه|مايه|مئه|مائه))")
_EN_PERCENT = re.compile(
    r"%|\bper\s?cents?\b|\bpercent\w*|\bpct?\b|\bpercentage|\bbasis points?|\bhalf\b|\bquarters?\b"
)
_RANGE = re.compile(r"\W*(?:to|and|or|إلى|الي|و|او|حتي|بين)?\W*")
_DUAL = re.compile(r"\w{2,}(?:ين|ان|تي|تا)\b")


@dataclass(frozen=True, slots=True)
class NumberReport:
    """What does not fit between the numbers of two texts.

    Attributes:
        missing: numbers of the source, as written there (folded), that the target has not.
        added: numbers in digits of the target that the source has not.
        words_missing: counting words of the source that the target has not, "three" to "twelve" and more.
        percent_lost: the source has a percentage and the target none.
    """

    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    words_missing: tuple[str, ...] = ()
    percent_lost: bool = False


def compare_numbers(src: str, tgt: str) -> NumberReport:
    """Compare the numbers of an Arabic source with those of its English translation.

    URLs, e-mail addresses, tags and placeholders should have been taken out of both.

    >>> compare_numbers("بلغ ٣٫٥ مليون دولار", "It reached 3.5 billion dollars")
    NumberReport(missing=('3.5 مليون',), added=('3.5 billion',), words_missing=(), percent_lost=False)
    """
    folded, src_numbers = _source_numbers(src)
    tgt = re.sub("[\u0660-\u0669\u06f0-\u06f9]+", lambda match: fold_arabic(match[0]), tgt)
    tgt_numbers = _with_ranges(compose(english_tokens(tgt), units_first=False), tgt)
    src_known, tgt_known = _values(src_numbers), _values(tgt_numbers)
    unmatched_src = [number for number in src_numbers if not _is_in(number, tgt_known)]
    unmatched_tgt = [number for number in tgt_numbers if number.in_digits and not _is_in(number, src_known)]
    if unmatched_src:
        hints = tgt_known | _english_hints(tgt)
        unmatched_src = [number for number in unmatched_src if not _is_in(number, hints)]
    if unmatched_tgt:
        hints = src_known | _arabic_hints(folded)
        decades = {_AR_DECADES[match[1]] for match in _AR_DECADE.finditer(folded)}
        unmatched_tgt = [
            number
            for number in unmatched_tgt
            if not _is_in(number, hints) and not any(int(value) % 100 in decades for value in number.values)
        ]
    has_decade = re.search(r"\d0s\b", tgt) is not None
    return NumberReport(
        missing=tuple(folded[number.start : number.end] for number in unmatched_src if number.in_digits),
        added=tuple(tgt[number.start : number.end] for number in unmatched_tgt),
        words_missing=tuple(
            folded[number.start : number.end]
            for number in unmatched_src
            if number.cardinal
            and not number.in_digits
            # "في ستينيات القرن العشرين" is "in the 1960s"
            and not (has_decade and folded[: number.start].rstrip().endswith("القرن"))
        ),
        percent_lost=bool(_AR_PERCENTAGE.search(folded)) and not _EN_PERCENT.search(tgt.casefold()),
    )


@lru_cache(maxsize=4096)  # several systems translate one source
def _source_numbers(src: str) -> tuple[str, tuple[Number, ...]]:
    """Return the folded source and its numbers."""
    folded = fold_arabic(src)
    without_percent = _AR_PERCENT.sub(lambda match: " " * len(match[0]), folded)
    return folded, tuple(_with_ranges(compose(arabic_tokens(without_percent), units_first=True), folded))


def _is_in(number: Number, known: set[Fraction]) -> bool:
    if not number.values or number.values & known:
        return True
    return len(number.parts) > 1 and all(part & known for part in number.parts)


def _values(numbers: Iterable[Number]) -> set[Fraction]:
    known: set[Fraction] = set()
    for number in numbers:
        known |= number.values
        for part in number.parts:
            known |= part
    return known


def _with_ranges(numbers: list[Number], text: str) -> list[Number]:
    """Read "3 to 5 million" as 3 million to 5 million too."""
    read: list[Number] = []
    for number, following in zip_longest(numbers, numbers[1:]):
        between = "" if following is None else text[number.end : following.start]
        if following is None or following.scale == 1 or number.scale != 1 or not _RANGE.fullmatch(between):
            read.append(number)
            continue
        scaled = frozenset(value * following.scale for value in number.values)
        read.append(
            Number(
                number.values | scaled,
                number.parts,
                number.start,
                number.end,
                number.in_digits,
                number.cardinal,
            )
        )
    return read


def _arabic_hints(folded: str) -> set[Fraction]:
    """Return values that words of the source imply: months, decades, fractions, duals, clock times."""
    known = {
        Fraction(month) for month, names in enumerate(_AR_MONTHS, 1) if any(name in folded for name in names)
    }
    for match in _AR_DECADE.finditer(folded):
        decade = _AR_DECADES[match[1]]
        known |= {Fraction(year) for year in (decade, 1800 + decade, 1900 + decade, 2000 + decade)}
    known.add(Fraction(0))  # the minutes of "at 17:00"
    words = {re.sub("^[وفبلك]*(?:ال)?", "", word) for word in re.findall(r"[^\W\d_]+", folded)}
    words |= {re.sub("^ال", "", word) for word in words} | set(folded.split())
    known |= {Fraction(value) for value, hints in _AR_HINTS.items() if words & set(hints.split())}
    if _DUAL.search(folded):
        known.add(Fraction(2))
    hours = [Fraction(int(hour)) for hour in re.findall(r"(?<!\d)(\d{1,2})(?=:\d\d|\s|$)", folded)]
    hours += [value for number in compose(arabic_tokens(folded), units_first=True) for value in number.values]
    return (
        known | {hour + 12 for hour in hours if hour < 12} | {hour - 12 for hour in hours if 12 < hour < 24}
    )


def _english_hints(tgt: str) -> set[Fraction]:
    """Return values that words of the target imply, as `_arabic_hints`."""
    known = {Fraction(_EN_MONTHS.index(match[1].casefold()[:3]) + 1) for match in _EN_MONTH.finditer(tgt)}
    words = set(re.findall(r"[a-z]+(?:-[a-z]+)?", tgt.casefold()))
    words |= {part for word in words for part in word.split("-")}
    known |= {Fraction(value) for value, hints in _EN_HINTS.items() if words & set(hints.split())}
    known |= {Fraction(10 * tens) for tens, word in enumerate(_EN_DECADES, 2) if word in words}
    known |= {Fraction(int(hour) - 12) for hour in re.findall(r"\b(1[3-9]|2[0-3])[:.]\d\d\b", tgt)}
    if re.search(r"\b[ap]\.?m\b|o'clock|\bnoon\b|\bevening\b|\bafternoon\b", tgt.casefold()):
        known |= {Fraction(int(hour) + 12) for hour in re.findall(r"\d{1,2}", tgt)}
    return known
