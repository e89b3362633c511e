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


_WORDS = st.text("ابجد،؛", min_size=1, max_size=8)


@settings(deadline=None, max_examples=200)
@example(["،،؛؛؛،،،", "،،،،", "،،،،،،،،"], 9)
@given(st.lists(_WORDS, min_size=1, max_size=60), st.integers(9, 60))
def test_every_piece_fits_and_words_stay_whole(words: list[str], limit: int) -> None:
    text = " ".join(words)
    for fits in (limit, lambda piece: len(piece) <= limit, lambda piece: len(piece.strip()) <= limit):
        pieces = cut(text, fits)
        assert all(len(piece.strip()) <= limit for piece in pieces)
        # At a space, or after a comma that has none behind it, but never in a run of marks.
        assert all(
            piece[-1] == " " or following[0] == " " or (piece[-1] == "،" and following[0] in "ابجد")
            for piece, following in pairwise(pieces)
        )


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.text("abc", min_size=1, max_size=30), min_size=1, max_size=40), st.integers(1, 40), st.data()
)
def test_only_a_token_that_does_not_fit_is_cut_inside(
    words: list[str], limit: int, data: st.DataObject
) -> None:
    weights = data.draw(st.fixed_dictionaries({char: st.integers(1, 9) for char in "abc"}))

    def weight(piece: str) -> int:
        return sum(weights.get(char, 0) for char in piece)

    pieces = cut(" ".join(words), lambda piece: weight(piece) <= limit)
    assert "".join(pieces) == " ".join(words)
    assert all(weight(piece) <= limit or len(piece.strip()) == 1 for piece in pieces)
    position = 0
    ends = set()
    for piece in pieces:
        position += len(piece)
        ends.add(position)
    position = 0
    for word in words:
        inner = {end for end in ends if position < end < position + len(word)}
        assert not inner or weight(word) > limit
        position += len(word) + 1


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
