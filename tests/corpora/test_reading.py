"""Reading: the real article's roles, samples, notices, offsets; and no errors but our own."""

import io
import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpora.reading import read, read_text
from dragoman.errors import DragomanError, InputError, LanguageError, NoTextError
from dragoman.units import Document, Role

SHARED = Path(os.environ.get("DRAGOMAN_BENCH", Path(__file__).parents[2].parent / "shared"))
SAMPLES = Path(__file__).parents[2] / "corpora" / "samples"
PARAGRAPH = "افتتحت البلدية سوقا جديدة للخضار في وسط المدينة. وقال رئيسها إن البناء استغرق سنتين."

STRANGE = st.lists(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءآأإئؤ\u064b\u0651\u0670\u0640\u200c\u200d\u200e\u200f\u202a\u202b"
            "\u202e\u2066\u2069\ufeff\u0085\u2028\x00\x1b\ud800\udfff\ufffd\ufffe<>&;'\"|»؟،؛.!ØÙÛ§Çáã\u0301\u0654"
            "\U0001f600\U000e0067"
        ),
        st.sampled_from(
            ["اقرأ أيضا", "جميع الحقوق محفوظة", "author", "<p>", "</div>", "<html>", "\n\n", PARAGRAPH]
        ),
    ),
    max_size=200,
).map("".join)


def check(document: Document) -> None:
    """Check what holds of every document."""
    covered: set[int] = set()
    for line in document.lines:
        content = document.text[line.start : line.end]
        assert content.strip() and "\n" not in content
        assert line.reason
        covered.update(range(line.start, line.end))
    rest = "".join(char for index, char in enumerate(document.text) if index not in covered)
    assert not rest.strip(), "every visible character belongs to a line"
    numbers = [line.paragraph for line in document.lines]
    assert numbers == sorted(numbers)
    assert not any(char in document.text for char in "\r\x00\x1b\x85\u2028\u2029")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real article is not here")
def test_the_roles_of_the_real_article_equal_its_gold() -> None:
    gold = json.loads((SHARED / "seed" / "gold.json").read_text(encoding="utf-8"))["lines"]
    document = read(SHARED / "seed" / "article.ar.txt")
    expected = [
        (line["start"], line["end"], {"editorial_note": "note"}.get(line["role"], line["role"]))
        for line in gold
        if line["role"] != "blank"
    ]
    assert [(line.start, line.end, str(line.role)) for line in document.lines] == expected


def test_the_plain_sample_has_title_note_credit_and_boilerplate_in_place() -> None:
    roles = [str(line.role) for line in read(SAMPLES / "harbour.ar.txt").lines]
    assert roles == ["boilerplate", "title", *["body"] * 6, "note", "credit", *["boilerplate"] * 4]


def test_the_page_of_the_samples_reads_like_its_article() -> None:
    document = read(SAMPLES / "museum.ar.html")
    by_role = {
        role: [document.text[line.start : line.end] for line in document.lines if line.role is role]
        for role in Role
    }
    assert by_role[Role.TITLE] == ["متحف الرياح يعرض آلات ملاحة عمرها خمسة قرون"]
    assert len(by_role[Role.BODY]) == 7
    assert [len(by_role[Role.NOTE]), len(by_role[Role.CREDIT])] == [1, 1]
    assert all("الحقوق" not in line for line in by_role[Role.BODY])


def test_keep_all_makes_boilerplate_body_and_says_what_it_was() -> None:
    document = read(SAMPLES / "harbour.ar.txt", keep_all=True)
    assert Role.BOILERPLATE not in {line.role for line in document.lines}
    assert document.lines[0].reason.startswith("kept")


def test_standard_input_is_read_as_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO(PARAGRAPH.encode("cp1256"))

    monkeypatch.setattr(sys, "stdin", Input())
    document = read("-")
    assert (document.name, document.encoding, document.text) == ("-", "windows-1256", PARAGRAPH)


def test_a_text_says_where_it_comes_from_and_what_it_was() -> None:
    document = read(PARAGRAPH.encode(), name="خبر.txt")
    assert document.name == "خبر.txt"
    assert len(document.sha256) == 64
    assert read_text(PARAGRAPH).sha256 == ""
    assert read_text(PARAGRAPH).text == PARAGRAPH


def test_an_english_text_is_refused_as_arabic_and_an_arabic_one_as_english() -> None:
    with pytest.raises(LanguageError):
        read_text("The harbour opened on Sunday.")
    with pytest.raises(LanguageError):
        read_text(PARAGRAPH, lang="en")
    assert read_text("The harbour opened on Sunday.", lang="en").lines
    assert read_text("Der Hafen wurde eröffnet.", lang="de").lines


def test_a_poem_and_a_list_are_no_boilerplate() -> None:
    for text in ("تفاح\nبرتقال\nموز\nعنب", "يا ليل طل على الشط\nوانثر نجومك في الماء"):
        assert {line.role for line in read_text(text).lines} <= {Role.BODY, Role.TITLE}


def test_a_file_that_cannot_be_opened_is_an_input_error() -> None:
    with pytest.raises(InputError):
        read("bad\0name.txt")


def test_lines_of_one_wrapped_paragraph_share_number_and_role() -> None:
    words = (PARAGRAPH + " ").split() * 4
    text = "\n".join(" ".join(words[i : i + 8]) for i in range(0, len(words), 8)) + "\n\n" + PARAGRAPH
    lines = read_text(text).lines
    assert len({line.paragraph for line in lines}) == 2
    assert len({line.role for line in lines}) == 1


@settings(max_examples=150, deadline=None)
@given(STRANGE, st.sampled_from(["ar", "en", "de"]), st.booleans())
def test_any_string_is_read_or_refused_with_one_of_our_errors(text: str, lang: str, keep_all: bool) -> None:
    try:
        document = read_text(text, lang=lang, keep_all=keep_all)
    except DragomanError as error:
        assert "\n" not in str(error)
        return
    check(document)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=400), STRANGE.map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_bytes_are_read_or_refused_with_one_of_our_errors(data: bytes) -> None:
    try:
        document = read(data, any_language=True)
    except DragomanError as error:
        assert "\n" not in str(error)
        return
    check(document)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["utf-8", "utf-16", "cp1256", "iso8859-6", "utf-8-sig"]), st.data())
def test_arabic_text_survives_its_encoding(encoding: str, data: st.DataObject) -> None:
    words = data.draw(st.lists(st.sampled_from(PARAGRAPH.replace(".", "").split()), min_size=12, max_size=40))
    text = " ".join([*words, "في المدينة إلى البلدية من السوق على البناء."])
    assert read(text.encode(encoding)).text == text


@settings(max_examples=100, deadline=None)
@given(STRANGE)
def test_reading_what_was_read_changes_nothing(text: str) -> None:
    try:
        once = read_text(f"{text}\n\n{PARAGRAPH}", any_language=True)
        twice = read_text(once.text, any_language=True)
    except NoTextError:
        return
    if not any(notice.kind in ("extraction", "mojibake", "reversed-text") for notice in once.notices):
        assert twice.text == once.text
