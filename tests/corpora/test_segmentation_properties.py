"""What holds for any text at all: nothing is lost, nothing is blank, time is linear, a slow oracle agrees."""

import re
import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpora.segmentation import segment, segment_lines
from dragoman.units import Document, Line, Role, Segment

# Marks, letters of several scripts, combining marks, joiners, bidi controls, line ends, lone surrogates.
_PIECES = st.sampled_from(
    [
        *".!?…؟۔。:؛،,;-–—*|#/@()[]{}<>\"'“”«»‘’`´",
        *" \n\t\r\x0b\x0c\x85\u2028\u2029\u00a0\u3000\u200b\ufeff\x00\x1b\x7f",
        *"\u064b\u0651\u0670\u0300\u200c\u200d\u200e\u202e\u2066\u2069\ufe0f\ud800\udfff\ue000\uffff",
        *(
            "قال",
            "وقال",
            "من",
            "د",
            "م",
            "هـ",
            "ق.م",
            "أ.د",
            "إن",
            "سي",
            "The",
            "the",
            "Dr",
            "U.S",
            "Inc",
            "I",
        ),
        *(
            "2022",
            "٣",
            "3.5",
            "٣٫٥",
            "http://a.b/c?d=e",
            "a@b.org",
            ":)",
            "...",
            "..",
            "👨‍👩‍👧",
            "🇯🇴",
            "[1]",
            "| a | b |",
        ),
        *("عمان ٣ مايو ", "القاهرة 15 - 7 (أ ف ب) - ", " - «الحياة» - ", "ـ", "ﷺ", "ﻻ", "中", "ไทย", "שלום"),
    ]
)
_TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(_PIECES, max_size=60).map("".join),
    st.lists(_PIECES, max_size=60).map(" ".join),
)


@settings(deadline=None, max_examples=200)
@given(_TEXTS, st.sampled_from(["ar", "en", "fa", None]))
def test_segments_and_gaps_rebuild_any_text(text: str, lang: str | None) -> None:
    end = 0
    for part in segment(text, lang=lang):
        assert part.start >= end
        assert part.text == text[part.start : part.end]
        gap = text[end : part.start]
        assert not re.search(r"[^\W_]", gap), gap
        assert part.text.strip() == part.text
        assert part.text.strip("\u200b\ufeff")
        end = part.end
    assert not re.search(r"[^\W_]", text[end:])


@settings(deadline=None, max_examples=80)
@given(_TEXTS)
def test_segmentation_is_deterministic_and_a_stream_gives_the_same(text: str) -> None:
    line = re.sub("[\n\r\x0b\x0c\x85\u2028\u2029]", " ", text)
    assert segment(line, lang="ar") == segment(line, lang="ar")
    assert list(segment_lines([line], lang="ar")) == segment(line, lang="ar")


@pytest.mark.parametrize("cluster", ["👨‍👩‍👧‍👦", "🇯🇴", "👍🏽", "❤️‍🔥", "كـ\u200dـتاب", "مَدْرَسَةٌ"])
def test_no_grapheme_is_split(cluster: str) -> None:
    for text in (f"نعم!{cluster}نعم. {cluster} {cluster}.{cluster} لا", f"{cluster * 300}. وعاد {cluster}؟"):
        assert "".join(part.text for part in segment(text)).count(cluster) == text.count(cluster)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.lists(_PIECES, min_size=1, max_size=10).map(" ".join), max_size=8), st.data())
def test_a_document_with_any_lines_is_rebuilt(rows: list[str], data: st.DataObject) -> None:
    text = "\n".join(rows)
    lines, start, paragraph = [], 0, 0
    for row in rows:
        paragraph += data.draw(st.booleans())
        if row.strip():
            lines.append(Line(start, start + len(row), Role.BODY, "", paragraph))
        start += len(row) + 1
    parts = segment(Document("", text, tuple(lines)))
    assert all(part.text == text[part.start : part.end] for part in parts)
    assert all(before.end <= after.start for before, after in pairwise(parts))


def slow_boundaries(text: str) -> list[str]:
    """The obvious splitter for text without traps: after . ! ؟ and a space."""
    sentences, current = [], ""
    for index, char in enumerate(text):
        current += char
        if char in ".!؟" and text[index + 1 : index + 2] in (" ", ""):
            sentences.append(current.strip())
            current = ""
    return sentences + [current.strip()] * bool(current.strip())


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(["كتب", "الولد", "رسالة", "طويلة"]), min_size=2, max_size=6),
            st.sampled_from(".!؟"),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_plain_text_is_split_as_the_slow_oracle_does(sentences: list[tuple[list[str], str]]) -> None:
    text = " ".join(" ".join(words) + mark for words, mark in sentences)
    assert [part.text for part in segment(text)] == slow_boundaries(text)


_HARD = {
    "sentences": "قال الوزير إن العمل بدأ. وأضاف أنه مستمر! هل ينتهي؟ ",
    "lines": "عنوان قصير بلا علامة\n",
    "one token": "ب",
    "stops": ". ",
    "glued stops": "كلمة.",
    "spaced quotes": 'كلمة. " ',
    "single quotes": "word. ' ",
    "dots": ".",
    "initials": "A. B. ",
    "addresses": "http://a/ب.ت",
    "open brackets": "((قال. ",
    "datelines": "عمان ٣ مايو ",
    "marks": "\u064b",
    "emoji": "👨‍👩‍👧 ",
    "emoticons": ":) ",
    "cells": "| ا ",
    "footnotes": "[1]",
    "ellipses": "... ",
}


@pytest.mark.parametrize("piece", _HARD.values(), ids=_HARD.keys())
def test_ten_times_the_text_takes_about_ten_times_the_time(piece: str) -> None:
    small = piece * (12_000 // len(piece))
    large = small * 10
    ratios = []
    for _ in range(4):
        ratio = _seconds(lambda: segment(large)) / max(_seconds(lambda: segment(small)), 2e-4)
        ratios.append(ratio)
        if ratio <= 13:
            return
    raise AssertionError(f"time grows {min(ratios):.1f} times")


def _seconds(action: Callable[[], list[Segment]]) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        action()
        best = min(best, time.process_time() - start)
    return best
