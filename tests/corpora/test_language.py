"""Is it Arabic? Neighbours are named, dialects and foreign keyboards pass."""

import os
from pathlib import Path

import pytest

from dragoman.corpora.language import check_language, guess_language
from dragoman.errors import LanguageError, NoTextError

SHARED = Path(os.environ.get("DRAGOMAN_BENCH", Path(__file__).parents[2].parent / "shared"))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (
            "fa",
            "شهردار صبح روز یکشنبه پل جدیدی را در مرکز شهر افتتاح کرد و گفت که این پروژه سه سال طول کشیده است.",
        ),
        ("ur", "میئر نے اتوار کی صبح شہر کے بیچ میں دریا پر نئے پل کا افتتاح کیا۔"),
        ("ps", "ښاروال د یکشنبې په سهار د ښار په منځ کې نوی پل پرانیست او ویې ویل چې دا پروژه درې کاله وه."),
        ("ckb", "سەرۆکی شارەوانی بەیانی یەکشەممە پردێکی نوێی لە ناوەڕاستی شار کردەوە بۆ خەڵک."),
        ("en", "The mayor opened a new bridge over the river on Sunday morning."),
        ("fr", "Le maire a inauguré dimanche un nouveau pont sur le fleuve et la ville est en fête."),
        ("arabizi", "marhaba kifak shu akhbarak, inshallah kel shi mnih wel 3ayle bkheir"),
    ],
)
def test_other_languages_are_named(code: str, text: str) -> None:
    assert guess_language(text).code == code
    error = check_language(text, "ar", "x.txt")
    assert isinstance(error, LanguageError)
    assert str(error).startswith("x.txt: ")


@pytest.mark.parametrize(
    "text",
    [
        "افتتح رئيس البلدية جسرا جديدا في وسط المدينة.",
        "افتتح رئیس البلدیة جسرا جدیدا فی وسط المدینة وقال إن الکلفة أربعون ملیونا.",
        "اِفْتَتَحَ رَئِيسُ البَلَدِيَّةِ جِسْرًا جَدِيدًا",
        "مش عارف ليه الناس بتتخانق على حاجة زي دي",
        "شو هالحكي يا زلمة، هيك ما بصير",
        "واش راك خويا لاباس عليك",
        "زار تشيتشن والتقى گوربة وپاولو في المدينة",
        "كلام",
        "ﺍﻟﻜﺘﺎﺏ ﻓﻲ ﺍﻟﺒﻴﺖ",
        "اشتريت iPhone جديدا من Apple Store",
    ],
)
def test_arabic_passes_in_all_its_kinds(text: str) -> None:
    assert check_language(text, "ar", "x") is None


def test_text_without_letters_is_no_arabic_text() -> None:
    error = check_language("2021 10,000 ***", "ar", "x")
    assert isinstance(error, NoTextError)


def test_lost_letters_are_told_from_questions() -> None:
    error = check_language("?????? ??? ???? ??????? ????", "ar", "x")
    assert "encoding was lost" in str(error)
    assert "encoding" not in str(check_language("Really? Who? What?", "ar", "x"))


def test_unchecked_languages_pass() -> None:
    assert check_language("Der Hafen", "de", "x") is None


@pytest.mark.skipif(not SHARED.is_dir(), reason="the benchmarks are not here")
def test_no_sentence_of_news_and_encyclopaedias_is_refused() -> None:
    for name in ("bench/mt/flores-dev.ar", "bench/segment/ar-padt-dev-fine/text.txt"):
        lines = (SHARED / name).read_text(encoding="utf-8").split("\n")
        assert not [line for line in lines if line.strip() and check_language(line, "ar", name)]
