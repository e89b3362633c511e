"""Cutting over-long segments: nothing lost, soft boundaries first, no grapheme split, few questions asked."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dragoman.corpora.oversize import cut

_TEXTS = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from("ابجد  ،؛.,; \n\u064b\u0651\u200d\ufe0f👩👧🇯🇴🇵🇸🏽\ud800"),
    ),
    max_size=200,
)


@settings(deadline=None, max_examples=200)
@given(_TEXTS, st.integers(1, 40))
def test_the_pieces_join_to_the_text_and_no_grapheme_is_cut(text: str, limit: int) -> None:
    pieces = cut(text, limit)
    assert "".join(pieces) == text
    assert all(pieces)
    for before, after in pairwise(pieces):
        assert unicodedata.category(after[0])[0] != "M"
        assert after[0] not in "\u200d\ufe0f🏽"
        assert before[-1] != "\u200d"


_WORDS = st.from_regex("[ابجد]{1,7}[،؛]?", fullmatch=True)  # a run of marks alone may be cut


@settings(deadline=None, max_examples=100)
@example(["،،؛؛؛،،،", "،،،،", "،،،،،،،،"], 9)
@given(st.lists(_WORDS, min_size=1, max_size=60), st.integers(9, 60))
def test_every_piece_fits_and_words_stay_whole(words: list[str], limit: int) -> None:
    text = " ".join(words)
    for fits in (limit, lambda piece: len(piece) <= limit):
        pieces = cut(text, fits)
        assert all(len(piece) <= limit for piece in pieces)
        assert all(piece.endswith((" ", "،")) for piece in pieces[:-1])


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("قصير.", 10, ["قصير."]),
        ("", 10, []),
        (
            "كتب الرسالة، ثم أرسلها؛ وبعدها سافر إلى أهله.",
            30,
            ["كتب الرسالة، ثم أرسلها؛ ", "وبعدها سافر إلى أهله."],
        ),
        ("كتب الرسالة الأولى، وأرسلها مع صديق له", 24, ["كتب الرسالة الأولى، ", "وأرسلها مع صديق له"]),
        ("كتب الرسالة الأولى والثانية ثم سافر بعيدا", 30, ["كتب الرسالة الأولى ", "والثانية ثم سافر بعيدا"]),
        ("بلغت 3,450,000 نسمة", 12, ["بلغت ", "3,450,000 ", "نسمة"]),
        ("طططططططططططط", 4, ["طططط", "طططط", "طططط"]),
        ("🇯🇴🇵🇸🇯🇴", 3, ["🇯🇴", "🇵🇸", "🇯🇴"]),
    ],
)
def test_the_softest_boundary_near_by_is_taken(text: str, limit: int, expected: list[str]) -> None:
    assert cut(text, limit) == expected


def test_a_limit_in_tokens_is_asked_a_few_times_a_piece() -> None:
    text = "كلمة وأخرى، ثم ثالثة " * 5000
    asked: list[int] = []

    def fits(piece: str) -> bool:
        asked.append(len(piece))
        return len(piece.split()) <= 50

    pieces = cut(text, fits)
    assert all(len(piece.split()) <= 50 for piece in pieces)
    assert len(pieces) < 3 * 20_000 / 50
    assert sum(asked) < 6 * len(text)


def test_what_cannot_be_cut_comes_back_whole_and_no_room_is_refused() -> None:
    stacked = "ا" + "\u064b" * 120
    assert cut(stacked, 5) == [stacked]
    assert cut("👨‍👩‍👧‍👦", lambda piece: not piece) == ["👨‍👩‍👧‍👦"]
    with pytest.raises(ValueError, match="room"):
        cut("نص", 0)
