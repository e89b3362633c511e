"""Numbers: values of Arabic and English number words and digits, and what differs between two texts."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.translate.number_words import arabic_tokens, compose, digit_values, english_tokens, fold_arabic
from dragoman.translate.numbers import NumberReport, compare_numbers


def arabic(text: str) -> list[int]:
    numbers = compose(arabic_tokens(fold_arabic(text)), units_first=True)
    return [int(max(number.values)) for number in numbers]


def english(text: str) -> list[int]:
    return [int(max(number.values)) for number in compose(english_tokens(text), units_first=False)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("اثنتا عشرة", [12]),
        ("تسعة عشر", [19]),
        ("خمسة وستين", [65]),
        ("مئة وعشرون", [120]),
        ("ثلاثمائة وخمسة آلاف وستمئة", [305_600]),
        ("مئتان وخمسة وعشرون ألفا", [225_000]),
        ("ألف وتسعمئة وثمانية وأربعين", [1948]),
        ("مليوني", [2_000_000]),
        ("مليونين وأربعمئة ألف", [2_400_000]),
        ("مليارين ونصف المليار", [2_500_000_000]),
        ("٦٫٨ مليون و۱۲", [6_800_012]),
        ("ثلاثة وأربعة", [3, 4]),
        ("الحادي والعشرين", [21]),
        ("بالآلاف", []),
        ("لست", []),
    ],
)
def test_arabic_number_words_have_their_values(text: str, values: list[int]) -> None:
    assert arabic(text) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("two hundred and twenty-five thousand", [225_000]),
        ("a 19-month-old", [19]),
        ("seven out of ten", [7, 10]),
        ("two million four hundred thousand", [2_400_000]),
        ("two and a half billion", [2_500_000_000]),
        ("$5bn", [5_000_000_000]),
        ("the twenty-first century", [21]),
        ("two and three", [2, 3]),
    ],
)
def test_english_number_words_have_their_values(text: str, values: list[int]) -> None:
    assert english(text) == values


@pytest.mark.parametrize(
    ("digits", "values"),
    [
        ("1,200", [1200, "1.2"]),
        ("11,3", ["11.3"]),
        ("1.200.000", [1_200_000]),
        ("1,200.5", ["1200.5"]),
        ("12", [12]),
        ("192.168.1.1", []),
        ("1\u00a0200", [1200, "1.2"]),
    ],
)
def test_digits_are_read_as_people_write_them(digits: str, values: list[int | str]) -> None:
    assert digit_values(digits, comma_is_decimal=True) == tuple(Fraction(value) for value in values)


@pytest.mark.parametrize(
    ("src", "tgt"),
    [
        ("٦٫٨ مليون", "6,800,000"),
        ("من 3 إلى 5 ملايين", "from three to five million"),
        ("في ستينيات القرن العشرين", "in the 1960s"),
        ("القرن الثامن عشر", "the 18th century"),
        ("بعد ٢٤ ساعة", "a day later"),
        ("الساعة 5 مساء", "at 17:00"),
        ("تموز ٢٠٢٠", "7/2020"),
        ("يومين", "2 days"),
        ("٥٠٪", "half"),
        ("تضاعف أربع مرات", "quadrupled"),
        ("أربع ساعات ونصف الساعة", "four and a half hours"),
        ("F-16 وG20", "F-16 and G20"),
    ],
)
def test_the_same_value_in_other_words_fits(src: str, tgt: str) -> None:
    assert compare_numbers(src, tgt) == NumberReport()


@pytest.mark.parametrize(
    ("src", "tgt", "report"),
    [
        ("١٢ قتيلا", "21 dead", NumberReport(missing=("12",), added=("21",))),
        ("٣ ملايين", "3 billion", NumberReport(missing=("3 ملايين",), added=("3 billion",))),
        ("سبع مدارس", "five schools", NumberReport(words_missing=("سبع",))),
        ("ارتفع ٧٪", "It rose by 7", NumberReport(percent_lost=True)),
        ("وصل الوفد", "15 delegates arrived", NumberReport(added=("15",))),
    ],
)
def test_what_differs_is_named(src: str, tgt: str, report: NumberReport) -> None:
    assert compare_numbers(src, tgt) == report


@given(st.integers(1, 10**9))
def test_any_integer_fits_itself_in_every_notation(value: int) -> None:
    eastern = f"{value:,}".translate(str.maketrans("0123456789,", "٠١٢٣٤٥٦٧٨٩٬"))
    assert compare_numbers(f"بلغ {eastern} طنا", f"It was {value} tonnes") == NumberReport()


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_the_comparison(src: str, tgt: str) -> None:
    compare_numbers(src, tgt)
