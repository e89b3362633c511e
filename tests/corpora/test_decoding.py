"""Bytes to text: what wins over what, what is counted, what is refused."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.corpora.decoding import decode
from dragoman.errors import DragomanError, InputError, NotTextError

TEXT = "افتتح الوزير المعرض في المدينة، وقال إن الدخول مجاني حتى نهاية الشهر."


def kinds(data: bytes, **options: str) -> list[str]:
    return [notice.kind for notice in decode(data, **options).notices]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_and_goes(codec: str) -> None:
    decoded = decode(TEXT.encode(codec))
    assert decoded.text == TEXT
    assert not decoded.notices


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_recognised_and_noted(codec: str) -> None:
    decoded = decode(TEXT.encode(codec))
    assert (decoded.text, decoded.encoding) == (TEXT, codec)
    assert [notice.kind for notice in decoded.notices] == ["guessed-encoding"]


@pytest.mark.parametrize("codec", ["cp1256", "iso8859-6"])
def test_legacy_arabic_is_detected_and_noted(codec: str) -> None:
    decoded = decode(TEXT.encode(codec))
    assert decoded.text == TEXT
    assert "--encoding" in decoded.notices[0].message


def test_valid_utf8_wins_over_the_declaration_which_is_noted() -> None:
    assert decode(TEXT.encode(), declared="windows-1256").text == TEXT
    assert kinds(TEXT.encode(), declared="windows-1256") == ["declared-encoding"]
    assert kinds(TEXT.encode(), declared="UTF-8") == []
    assert kinds(b"plain", declared="windows-1256") == []


def test_a_wrong_declaration_of_utf8_is_passed_over() -> None:
    assert decode(TEXT.encode("cp1256"), declared="utf-8").text == TEXT


def test_an_unknown_declaration_is_passed_over() -> None:
    assert decode(TEXT.encode("cp1256"), declared="x-no-such").text == TEXT


def test_damage_is_counted_and_located_and_stays_utf8() -> None:
    data = bytearray(TEXT.encode())
    data[11:11] = b"\xff\xfe"
    decoded = decode(bytes(data))
    assert decoded.encoding == "utf-8"
    assert decoded.notices[0].message.startswith("2 damaged byte sequences")
    assert "byte 11" in decoded.notices[0].message


def test_lines_in_another_encoding_are_decoded_line_by_line_and_located() -> None:
    decoded = decode(f"{TEXT}\n".encode() + f"{TEXT}\n".encode("cp1256") + f"{TEXT}\n".encode())
    assert decoded.text == f"{TEXT}\n" * 3
    assert "line 2" in decoded.notices[0].message


def test_the_encoding_asked_for_is_used_even_when_others_would_do() -> None:
    assert decode("café".encode("latin-1"), encoding="latin-1").text == "café"
    assert decode(TEXT.encode("cp1256"), encoding="windows-1256").text == TEXT


@pytest.mark.parametrize("encoding", ["no-such", "hex", "rot13", "idna", "\0", "unicode_escape"])
def test_what_is_no_encoding_of_text_is_refused(encoding: str) -> None:
    with pytest.raises(InputError, match="encoding"):
        decode(b"x", encoding=encoding)


def test_other_languages_are_left_to_the_detector() -> None:
    text = (
        "Der Bürgermeister eröffnete am Sonntag die neue Brücke über den Fluß. Für die Bürger ist das schön."
    )
    assert decode(text.encode("cp1252"), lang="de").text == text


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG"),
        (b"\x1f\x8b\x08\0\0\0", "gzip"),
        (b"%PDF-1.7\n", "PDF is not supported"),
        (b"PK\x03\x04\x14\0\x06\0", "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "Office"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG"),
        (bytes(range(256)) * 4, "control bytes"),
        (b"{\\rtf1\\ansi text}", "RTF"),
    ],
)
def test_what_is_no_text_is_refused_by_what_it_is(data: bytes, kind: str) -> None:
    with pytest.raises(NotTextError, match=kind):
        decode(data, name="x.txt")


def test_words_that_begin_like_a_signature_are_text() -> None:
    assert decode(b"BM is short for bench mark, MZ is nothing.").text.startswith("BM")


@given(st.binary(max_size=300))
def test_bytes_are_decoded_or_refused_with_one_of_our_errors(data: bytes) -> None:
    try:
        decoded = decode(data)
    except DragomanError:
        return
    assert not decoded.text.startswith("\ufeff") or data.startswith(codecs.BOM_UTF8 * 2)


@given(st.text())
def test_utf8_is_decoded_as_it_is(text: str) -> None:
    data = text.encode("utf-8", "replace")
    try:
        decoded = decode(data)
    except NotTextError:
        return
    if decoded.encoding == "utf-8":
        assert decoded.text == data.decode().removeprefix("\ufeff")


def test_a_page_of_short_lines_in_the_encoding_that_it_declares_is_not_taken_for_a_mixture() -> None:
    page = "<meta charset=windows-1256>\n<p>خبر</p>\n<p>ذيل</p>\n<p>وقال المدير إن العمل استمر عامين.</p>\n"
    decoded = decode(page.encode("windows-1256"), declared="windows-1256")
    assert decoded.text == page
    assert decoded.encoding == "windows-1256"


@pytest.mark.parametrize("word", ["BMW", "MZ", "RIFF", "ID3", "PK"])
def test_text_that_begins_like_an_image_is_text(word: str) -> None:
    for encoding in ("utf-8", "cp1256"):
        text = f"{word} تعلن عن سيارة جديدة في معرض المدينة يوم الاثنين"
        assert decode(text.encode(encoding)).text == text
