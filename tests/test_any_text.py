"""Any Unicode at all through reader, segmenter, aligner, writers and report, and that time stays linear."""

import io
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dragoman.corpora.alignment import align
from dragoman.corpora.reading import read_text
from dragoman.corpora.segmentation import segment
from dragoman.corpora.tmx import read_tmx, write_tmx
from dragoman.corpora.xliff import read_xliff, write_xliff
from dragoman.eval.article_report import ArticleReport, ModelFacts
from dragoman.eval.report import render_article
from dragoman.translate.qa import check
from dragoman.units import Bitext, Hypothesis, TranslationUnit
from tests.corpora.test_xliff import schema
from tests.invariants import (
    check_alignment,
    check_reading,
    check_report,
    check_segmentation,
    check_tmx,
    check_xliff,
)

SCHEMAS = Path(__file__).parent / "fixtures" / "schemas"
DTD = etree.DTD(str(SCHEMAS / "tmx14.dtd"))
STRICT = schema("xliff-core-1.2-strict.xsd")

# Words and marks of the trade, combining marks, joiners, bidi controls, line ends, lone surrogates, markup.
_PIECES = st.one_of(
    st.sampled_from(
        ["قال", "الوزير", "في", "إن", "كلام", "The", "3.5", "٣٫٥", "د.", "https://a.org/b?c=1", "<b>", "</script>",
         "<img src=x onerror=a()>", "]]>", "&lt;", "{{ x }}", "=1+1", "👨‍👩‍👧", "🇯🇴", "\u202eabc\u202c", "\u2066", "\ud800",
         "\udfff", "\ufffe", "\x00", "\x1b[31m", "\x85", "\u2028", "\u200d", "\u064b" * 40, "ﷺ", "ﻻ", "\n", "\r\n", "  ",
         ".", "؟", "،", "«", "\"", "...", "-", "|", "__ar__", "</s>"]
    ),
    st.characters(),
    st.characters(codec=None),
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(_PIECES, max_size=40).map(" ".join),
    st.lists(_PIECES, max_size=60).map("".join),
    st.text(max_size=80),
)
SIDES = st.lists(TEXTS, max_size=6)


@settings(deadline=None, max_examples=60)
@given(st.one_of(st.binary(max_size=300), TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_bytes_are_read_whole_or_refused(data: bytes) -> None:
    check_reading(data)


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_any_text_is_segmented_without_loss(text: str) -> None:
    check_segmentation(text)


@settings(deadline=None, max_examples=60)
@given(SIDES, SIDES, st.booleans())
def test_any_sentences_are_aligned_once_each(src: list[str], tgt: list[str], with_mt: bool) -> None:
    check_alignment(src, tgt, src if with_mt else None)


@settings(deadline=None, max_examples=60)
@given(SIDES)
def test_any_texts_make_valid_tmx_that_is_read_back_equal(texts: list[str]) -> None:
    check_tmx(texts, DTD)


@settings(deadline=None, max_examples=60)
@given(SIDES)
def test_any_texts_make_valid_xliff_that_is_read_back_equal(texts: list[str]) -> None:
    check_xliff(texts, STRICT)


@settings(deadline=None, max_examples=20)
@given(TEXTS, SIDES)
def test_any_text_makes_a_page_that_runs_nothing_of_it(text: str, translations: list[str]) -> None:
    check_report(text, translations)


@settings(deadline=None, max_examples=80)
@given(TEXTS, TEXTS)
def test_any_pair_of_texts_can_be_checked(src: str, tgt: str) -> None:
    assert all("\n" not in flag.message for flag in check(src, tgt))


_SENTENCE = "وقال الوزير رقم {0} إن العمل في الجسر {0} بدأ، وإنه لن يتوقف قبل عام 2030."
_ENGLISH = "Minister {0} said work on bridge {0} had begun and would not stop before 2030."


def _bitext(n: int) -> Bitext:
    return Bitext(tuple(TranslationUnit(_SENTENCE.format(i), _ENGLISH.format(i), f"s{i}") for i in range(n)))


def _written(n: int, writer: Callable[[Bitext, io.BytesIO], object]) -> io.BytesIO:
    stream = io.BytesIO()
    writer(_bitext(n), stream)
    stream.seek(0)
    return stream


def _write_xliff(bitext: Bitext, stream: io.BytesIO) -> None:
    write_xliff(bitext, stream, original="a.txt")


def _page(n: int) -> str:
    document = read_text("\n\n".join(_SENTENCE.format(i) for i in range(n)))
    segments = tuple(segment(document))
    hypotheses = tuple(
        Hypothesis(_ENGLISH.format(i), logprob=-1.0, n_tgt_tokens=9) for i in range(len(segments))
    )
    return render_article(ArticleReport("", document, segments, hypotheses, ModelFacts("model")))


def _sources(n: int) -> list[str]:
    return [_SENTENCE.format(i) for i in range(n)]


def _targets(n: int) -> list[str]:
    return [_ENGLISH.format(i) for i in range(n)]


# What takes time, by the number of sentences; what it works on is made outside the clock where it can be.
_WORK: dict[str, tuple[int, Callable[[int], Callable[[], object]]]] = {
    "read": (300, lambda n: partial(read_text, "\n\n".join(_sources(n)))),
    "read one line": (300, lambda n: partial(read_text, " ".join(_sources(n)))),
    "segment": (300, lambda n: partial(segment, " ".join(_sources(n)))),
    "align": (150, lambda n: partial(align, _sources(n), _sources(n))),
    "qa of one pair": (150, lambda n: partial(check, " ".join(_sources(n)), " ".join(_targets(n)))),
    "report": (100, lambda n: partial(_page, n)),
    "write TMX": (300, lambda n: partial(_written, n, write_tmx)),
    "write XLIFF": (300, lambda n: partial(_written, n, _write_xliff)),
    "read TMX": (300, lambda n: partial(_read, read_tmx, _written(n, write_tmx).getvalue())),
    "read XLIFF": (300, lambda n: partial(_read, read_xliff, _written(n, _write_xliff).getvalue())),
}


def _read(reader: Callable[[io.BytesIO], Bitext], data: bytes) -> int:
    return len(reader(io.BytesIO(data)).units)


@pytest.mark.parametrize("work", _WORK)
def test_ten_times_the_text_takes_at_most_thirteen_times_the_time(work: str) -> None:
    n, prepare = _WORK[work]
    small, large = prepare(n), prepare(10 * n)
    ratios = []
    for _ in range(4):
        ratios.append(_seconds(large, 1) / max(_seconds(small, 3), 1e-3))
        if ratios[-1] <= 13:
            return
    raise AssertionError(f"{work}: {min(ratios):.1f} times the time")


def _seconds(action: Callable[[], object], n_times: int) -> float:
    best = float("inf")
    for _ in range(n_times):
        start = time.process_time()
        action()
        best = min(best, time.process_time() - start)
    return best
