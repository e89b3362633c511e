"""Normalisations: known answers, idempotence, bounded marks, control tokens made harmless."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.corpora.normalisation import (
    bound_marks,
    collapse_space,
    count_bidi_controls,
    defuse_control_tokens,
    drop_bidi_controls,
    drop_controls,
    drop_diacritics,
    drop_emoji,
    fold_digits,
    fold_foreign_letters,
    fold_presentation_forms,
    for_model,
    has_dense_diacritics,
    is_arabic_letter,
    matching_key,
    restore_control_tokens,
)

ARABIC = st.text(
    st.one_of(
        st.characters(min_codepoint=0x600, max_codepoint=0x6FF),
        st.characters(min_codepoint=0xFB50, max_codepoint=0xFEFF),
        st.sampled_from(" \u200c\u200d\u200e\u202e\ufeff\u00a0\u0301\u0640abc12.👍🏽"),
    )
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("مـــرحبا", "مرحبا"),
        ("\ufeffمرحبا\u200f بكم\u00a0 هنا\n", "مرحبا بكم هنا"),
        ("ﻛﺘﺎﺏ ﷲ ﷺ", "كتاب الله صلى الله عليه وسلم"),
        ("فی کتابہ علی الطاولة", "في كتابه على الطاولة"),
        ("كَتَبَ الوَلَدُ دَرْسَهُ", "كتب الولد درسه"),
        ("مرارًا وتكرارًا قال مهمّ", "مرارًا وتكرارًا قال مهمّ"),
        ("ا\u0654حمد", "أحمد"),
        ("خبر سار 🎉🎉 اليوم", "خبر سار اليوم"),
        ("½ كوب … ² متر", "½ كوب … ² متر"),
        ("ضرر\ufffd هنا", "ضرر هنا"),
        ("", ""),
    ],
)
def test_the_model_sees_plain_letters_on_one_line(text: str, expected: str) -> None:
    assert for_model(text) == expected


def test_persian_letters_stay_when_the_text_is_not_arabic() -> None:
    assert for_model("کتاب", lang="fa") == "کتاب"


@given(ARABIC)
def test_normalising_for_the_model_twice_changes_nothing(text: str) -> None:
    once = for_model(text)
    assert for_model(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()


@given(ARABIC)
def test_a_matching_key_is_its_own_key_and_knows_no_diacritics(text: str) -> None:
    key = matching_key(text)
    assert matching_key(key) == key
    assert matching_key(for_model(text)) == key


def test_a_second_madda_or_hamza_does_not_make_a_second_key() -> None:
    assert matching_key("آ\u0653ن") == matching_key("ان")


def test_spelling_variants_have_one_matching_key() -> None:
    assert len({matching_key(word) for word in ("إلى", "الى", "الي", "إلـى")}) == 1
    assert matching_key("مكتبة ١٢٣ ABC") == matching_key("مكتبه 123 abc")


def test_digits_and_number_marks_become_ascii() -> None:
    assert fold_digits("١٢٫٥٪ ٣٬٤٥٠ ۱۲۳") == "12.5% 3,450 123"


def test_only_presentation_forms_are_decomposed() -> None:
    assert fold_presentation_forms("ﻻ … ² ½ ﴾ ﴿") == "لا … ² ½ ﴾ ﴿"


def test_four_words_keep_their_alef_maqsura() -> None:
    assert fold_foreign_letters("علی إلی حتی لدی وعلی فی") == "على إلى حتى لدى وعلى في"


def test_stacked_marks_are_bounded_and_cost_linear_time() -> None:
    assert bound_marks("ب" + "\u064e\u0651" * 100_000 + "ت") == "ب\u064e\u0651ت"
    assert len(for_model("ב" + "\u05b0\u05b1\u05b2\u05b3\u05b4" * 20_000)) <= 4


def test_dense_diacritics_are_told_from_a_tanwin_here_and_there() -> None:
    assert has_dense_diacritics("كَتَبَ الوَلَدُ")
    assert not has_dense_diacritics("قال مرارًا إنه مهمّ جدًا")
    assert drop_diacritics("ٱلكِتَابُ") == "الكتاب"


def test_bidi_controls_are_counted_and_dropped() -> None:
    text = "\u202eabc\u202c \u2067x\u2069\u061c\u200e"
    assert count_bidi_controls(text) == 6
    assert drop_bidi_controls(text) == "abc x"


@given(st.text())
def test_nothing_that_xml_forbids_survives_dropping_controls(text: str) -> None:
    kept = drop_controls(text)
    assert all(char in "\t\n\r\x0b\x0c\x85" or ord(char) >= 0x20 for char in kept)
    assert not any(0xD800 <= ord(char) < 0xE000 or ord(char) & 0xFFFE == 0xFFFE for char in kept)


def test_emoji_go_with_their_joiners_and_modifiers() -> None:
    assert for_model("👨‍👩‍👧‍👦 ❤️‍🔥 🇯🇴 👍🏽 1️⃣") == "1"
    assert collapse_space(drop_emoji("جيد ⭐ جدا")) == "جيد جدا"


@pytest.mark.parametrize(
    "token", ["</s>", "<unk>", "<pad>", "__ar__", ">>eng<<", "@@", "[CLS]", "ara_Arab", "▁كلمة"]
)
def test_control_tokens_of_tokenisers_do_not_survive_whole(token: str) -> None:
    assert token not in defuse_control_tokens(f"قبل {token} بعد")


@pytest.mark.parametrize("token", ["</s>", "<unk>", "__ar__", ">>eng<<"])
def test_control_tokens_copied_by_a_model_are_restored(token: str) -> None:
    assert restore_control_tokens(defuse_control_tokens(f"a {token} b")) == f"a {token} b"


def test_plain_text_has_no_control_tokens() -> None:
    text = "ثمن الكتاب < 5 دولارات و> 3، والبريد a_b@example.org [ملاحظة]."
    assert defuse_control_tokens(text) == text


def test_letters_of_the_arabic_script_are_recognised_in_any_form() -> None:
    assert all(map(is_arabic_letter, "ابپگہےﻻﺏ"))
    assert not any(map(is_arabic_letter, "a1ـ،؟\u064bש"))
