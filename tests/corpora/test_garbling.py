"""Wrong decodings are undone, visual order is turned round, sound text stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.corpora.garbling import repair_mojibake, restore_reading_order

TEXT = "افتتح الوزير المعرض في المدينة، وقال إن الدخول مجاني.\nوحضر الافتتاح مئات من سكان الأحياء القريبة؟"


@pytest.mark.parametrize(
    ("written", "read"),
    [("utf-8", "latin-1"), ("utf-8", "cp1256"), ("cp1256", "latin-1"), ("cp1256", "cp1252")],
)
def test_a_wrong_decoding_is_undone_and_noted(written: str, read: str) -> None:
    repaired, notices = repair_mojibake(TEXT.encode(written).decode(read))
    assert repaired == TEXT
    assert [notice.kind for notice in notices] == ["mojibake"]


def test_text_garbled_twice_is_undone_twice() -> None:
    twice = TEXT.encode().decode("latin-1").encode().decode("latin-1")
    repaired, notices = repair_mojibake(twice)
    assert repaired == TEXT
    assert len(notices) == 2


def test_only_garbled_lines_are_touched() -> None:
    garbled = TEXT.encode().decode("latin-1")
    assert repair_mojibake(f"{garbled}\nهذا سطر سليم.")[0] == f"{TEXT}\nهذا سطر سليم."


@pytest.mark.parametrize("text", [TEXT, "Øst og Vest, ÆØÅ, Ünü, garçon à l'école", "", "ÇÃ", "plain"])
def test_sound_text_is_not_repaired(text: str) -> None:
    assert repair_mojibake(text) == (text, ())


@given(st.text())
def test_repairing_never_fails(text: str) -> None:
    repair_mojibake(text)
    restore_reading_order(text)


def test_visual_order_is_turned_round_and_noted() -> None:
    visual = "\n".join(line[::-1] for line in TEXT.split("\n"))
    restored, notices = restore_reading_order(visual)
    assert restored == TEXT
    assert [notice.kind for notice in notices] == ["reversed-text"]


def test_numbers_and_latin_words_keep_their_direction() -> None:
    restored, _ = restore_reading_order(".2021 ماع يف CNN ةكبش عم ةنيدملا يف ضرعملا ريزولا حتتفا")
    assert restored == "افتتح الوزير المعرض في المدينة مع شبكة CNN في عام 2021."


@pytest.mark.parametrize("text", [TEXT, "أولا وقليلا ومثلا وإلا فلا", "hello", "لا لا لا لا"])
def test_text_in_reading_order_stays(text: str) -> None:
    assert restore_reading_order(text) == (text, ())
