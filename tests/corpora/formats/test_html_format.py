"""HTML: text between block boundaries, inline elements kept, right to left turned round."""

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.corpora.formats.html import read_html
from dragoman.corpora.formats.slots import Rebuilt, whole
from dragoman.errors import FormatError

PAGE = """<!DOCTYPE html>
<html lang="ar-EG" dir="rtl"><head><meta charset="windows-1256"><title>عنوان</title>
<meta name="description" content="وصف"><meta name="viewport" content="width=1">
<style>body { direction: rtl } </style><script>var a = "نص";</script></head>
<body><!-- تعليق --><h1>خبر <em>عاجل</em></h1>
<p style="direction:rtl; color:red">قالت <a href="/bbc">BBC</a> إن العدد <b>12</b>.<br>ثم <i>غادر</i>.</p>
<div>نص<p>فقرة <img src="a.png" alt="صورة"></p>ذيل</div>
<ul><li>بند<ul><li>فرعي</li></ul></li></ul>
<table><tr><td>خلية</td><td>12</td></tr></table>
<pre>كود</pre><p translate="no">لا يترجم</p><p><code>x = 1</code></p>
<input type="submit" value="أرسل"><input type="text" value="قيمة" placeholder="اكتب">
</body></html>
""".encode("windows-1256")


def translated(data: bytes, targets: list[str] | None = None) -> Rebuilt:
    template = read_html(data, "x.html")
    texts = targets or [f"T{i}" for i in range(len(template.slots))]
    return template.rebuild([whole(slot, text) for slot, text in zip(template.slots, texts, strict=True)])


def test_the_texts_that_people_read_are_slots_in_reading_order() -> None:
    assert [slot.text for slot in read_html(PAGE, "x.html").slots] == [
        "عنوان",
        "وصف",
        "خبر عاجل",
        "قالت BBC إن العدد 12.",
        "ثم غادر.",
        "نص",
        "صورة",
        "فقرة",
        "ذيل",
        "بند",
        "فرعي",
        "خلية",
        "12",
        "x = 1",
        "أرسل",
        "اكتب",
    ]


def test_structure_code_scripts_and_untranslatable_parts_stay() -> None:
    text = translated(PAGE).data.decode()
    before, after = lxml.html.fromstring(PAGE.decode("windows-1256")), lxml.html.fromstring(text)
    dropped = {"em", "i", "b"}  # formatting inside a sentence whose place cannot be told
    tags = [
        [e.tag for e in root.iter() if isinstance(e.tag, str) and e.tag not in dropped]
        for root in (before, after)
    ]
    assert tags[0] == tags[1]
    for kept in (
        'var a = "نص";',
        "<pre>كود</pre>",
        '<p translate="no">لا يترجم</p>',
        "<!-- تعليق -->",
        'value="قيمة"',
    ):
        assert kept in text
    assert text.startswith("<!DOCTYPE html>\n")


def test_the_page_is_turned_left_to_right_and_becomes_utf_8() -> None:
    text = translated(PAGE).data.decode()
    assert '<html lang="en" dir="ltr">' in text
    assert "direction: ltr; color:red" in text
    assert "body { direction: ltr }" in text
    assert '<meta charset="utf-8">' in text
    assert "rtl" not in text


def test_inline_elements_go_around_the_same_words_and_the_rest_is_flagged() -> None:
    data = '<p>قالت <a href="/x" class="y">BBC</a> إن <b>الوزير</b> <em id="k">غادر</em>.</p>'.encode()
    rebuilt = translated(data, ["The BBC said the minister had left."])
    assert rebuilt.data.decode() == (
        '<p>The <a href="/x" class="y">BBC</a> said the minister had <em id="k">left</em>.</p>'
    )
    assert rebuilt.moved == (0,)


def test_a_fragment_stays_a_fragment_and_markup_in_a_translation_is_text() -> None:
    rebuilt = translated("نص <b>غامق</b>".encode(), ["a <script> & b"])
    assert rebuilt.data.decode() == "a &lt;script&gt; &amp; b"


def test_a_page_without_translations_keeps_its_texts() -> None:
    template = read_html(PAGE, "x.html")
    again = read_html(template.rebuild([None] * len(template.slots)).data, "x.html")
    assert [slot.text for slot in again.slots] == [slot.text for slot in template.slots]


@given(st.text('ا 1<>b/ip&;"=-!', max_size=40))
def test_any_soup_can_be_read_and_written(soup: str) -> None:
    try:
        template = read_html(("<p>نص</p>" + soup).encode(), "x.html")
    except FormatError:
        return
    template.rebuild([whole(slot, "T 1") for slot in template.slots])


def test_an_empty_page_is_refused() -> None:
    with pytest.raises(FormatError, match="empty"):
        read_html(b"  ", "x.html")


@pytest.mark.parametrize("tag", ["div", "b", "b><div"])
def test_text_below_thousands_of_elements_is_found_and_written(tag: str) -> None:
    opening, closing = f"<{tag}>", "".join(f"</{name}>" for name in reversed(tag.split("><")))
    page = f"<html><body>{opening * 6000}<p>نص عميق</p>{closing * 6000}<p>نص بعده</p></body></html>"
    template = read_html(page.encode(), "deep.html")
    assert [slot.text for slot in template.slots] == ["نص عميق", "نص بعده"]
    rebuilt = template.rebuild([whole(slot, "deep text") for slot in template.slots]).data
    assert rebuilt.count(b"deep text") == 2
