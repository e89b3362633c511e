"""Pages: visible text a block a line, what the markup says, and pages made to break parsers."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpora import extraction
from dragoman.corpora.html import declared_encoding, flatten, is_html, is_titled
from dragoman.corpora.reading import read
from dragoman.units import Role

PARAGRAPH = "افتتحت البلدية سوقا جديدة للخضار في وسط المدينة. وقال رئيسها إن البناء استغرق سنتين، وإن السوق مفتوحة للجميع."


def texts(markup: str) -> list[str]:
    return [line.text for line in flatten(markup).lines]


def reasons(markup: str) -> list[str]:
    return [line.hint.furniture for line in flatten(markup).lines]


def test_each_block_is_a_line_and_inline_markup_is_not() -> None:
    assert texts("<p>كلمة <b>ثقيلة</b>\n  هنا</p><ul><li>أ</li><li>ب</li></ul>نص<br>آخر") == [
        "كلمة ثقيلة هنا",
        "أ",
        "ب",
        "نص",
        "آخر",
    ]


def test_joiners_and_no_break_spaces_stay_and_entities_are_expanded() -> None:
    assert texts("<p>می‌خواهم 👨‍👩‍👧 &#1575;&zwnj;&nbsp;&laquo;x&raquo; &lt;b&gt;</p>") == [
        "می‌خواهم 👨‍👩‍👧 ا‌\u00a0«x» <b>"
    ]


def test_a_block_of_no_break_spaces_is_no_line() -> None:
    assert [line.text for line in flatten("<p>أ</p><p>&nbsp;</p><p>&#8195;&nbsp; </p><p>ب</p>").lines] == [
        "أ",
        "ب",
    ]


def test_what_browsers_do_not_show_is_left_out_and_counted() -> None:
    page = flatten(
        "<head><title>عنوان</title><style>p{}</style></head><script>x()</script><p>ظاهر</p><p hidden>مخفي</p>"
        '<p style="display: none">سر</p><p aria-hidden="true">رمز</p><textarea>حقل</textarea><!-- تعليق -->'
    )
    assert [line.text for line in page.lines] == ["ظاهر"]
    assert page.titles == ("عنوان",)
    assert page.n_hidden == len("مخفيسررمز")


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("<nav>x</nav>", "navigation"),
        ("<footer>x</footer>", "page foot"),
        ('<div class="share-buttons">x</div>', "sharing buttons"),
        ('<div id="relatedPosts">x</div>', "links to other articles"),
        ('<div role="navigation">x</div>', "navigation"),
        ('<p><a href="/">x</a></p>', "link"),
        ("<p>x</p>", ""),
        ('<body class="has-sidebar comments-open"><p>x</p></body>', ""),
        ('<div class="sharepoint-text">x</div>', ""),
    ],
)
def test_the_markup_names_furniture(markup: str, reason: str) -> None:
    assert reasons(markup) == [reason]


def test_a_page_in_one_form_is_no_furniture() -> None:
    assert reasons(f"<form><p>{PARAGRAPH}</p><p>{PARAGRAPH}</p></form>") == ["", ""]


def test_comments_longer_than_the_article_do_not_make_furniture_of_the_column_that_holds_it() -> None:
    column = f"<div class='widget'><p>{PARAGRAPH}</p><p>{PARAGRAPH} حقا.</p></div>"
    comments = f"<ol class='comments'>{f'<li>{PARAGRAPH} رأيي.</li>' * 9}</ol>"
    assert reasons(column + comments) == ["", "", *["comments"] * 9]


def test_a_column_that_holds_the_headline_is_no_furniture() -> None:
    body = f"<p>{PARAGRAPH}</p>" * 3
    assert reasons(f"<div class='elementor-widget'><h1>سوق جديدة</h1></div>{body}")[0] == ""
    assert reasons(f"<div class='elementor-widget'><h2>سوق جديدة</h2></div>{body}")[0] == "side column"


def test_prose_of_another_cell_of_a_layout_table_is_no_part_of_the_article() -> None:
    letter = "أسكن في الطابق الرابع منذ عشر سنين، ولم يصل الماء إلى شقتي في النهار صيفا مرة واحدة حتى الآن."
    article = f"<b>سوق جديدة للخضار</b><br><br>{PARAGRAPH}<br><br>{PARAGRAPH[:-1]} أيضا.<br>"
    page = f"<table><tr><td>بريد القراء<br>{letter}<br></td><td>{article}</td><td>{letter}</td></tr></table>"
    document = read(page.encode(), name="page.html")
    assert [str(line.role) for line in document.lines] == [
        *["boilerplate"] * 2,
        "title",
        *["body"] * 2,
        "boilerplate",
    ]


def test_links_side_by_side_are_words_apart() -> None:
    assert texts("<div><a>رياضة</a><a>سياسة</a></div>") == ["رياضة سياسة"]


def test_a_line_that_the_page_is_called_by_is_its_heading() -> None:
    page = flatten("<title>السوق الجديدة تفتح أبوابها - صحيفة المدينة</title><p>x</p>")
    assert is_titled("السوق الجديدة تفتح أبوابها", page)
    assert not is_titled("صحيفة المدينة", page)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("<!DOCTYPE html><p>x", "x.txt", True),
        ("\ufeff <html dir=rtl>", "-", True),
        ("<p>x</p>", "x.HTML", True),
        ("<p>x</p>", "x.txt", False),
        ("نص عادي", "x.html", False),
        ("عنوان <script>alert(1)</script>", "x.txt", False),
    ],
)
def test_pages_are_told_from_text(text: str, name: str, expected: bool) -> None:
    assert is_html(text, name) is expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'<meta charset="windows-1256">', "windows-1256"),
        (b'<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=windows-1256">', "windows-1256"),
        (b'<?xml version="1.0" encoding="ISO-8859-6"?>', "ISO-8859-6"),
        (b"<p>charset=utf-8</p>", None),
    ],
)
def test_the_declared_encoding_is_found(data: bytes, expected: str | None) -> None:
    assert declared_encoding(data) == expected


@pytest.mark.parametrize("n_nested", [300, 6_000, 50_000])
def test_nesting_of_any_depth_is_read(n_nested: int) -> None:
    markup = "<div>" * n_nested + f"<p>{PARAGRAPH}</p>" + "</div>" * n_nested
    assert texts(markup) == [PARAGRAPH]


@pytest.mark.parametrize("shape", ["<b>", "<nav>x", "<!DOCTYPE html [", "<!-- -->", "<p>x", "</i>"])
@pytest.mark.timeout(60)
def test_pages_made_of_one_tag_take_linear_time(shape: str) -> None:
    # Thirty thousand of each took minutes while anything here looked through all that was open.
    flatten(shape * 30_000 + "</i>" * 30_000 + f"<p>{PARAGRAPH}</p>")


def test_end_tags_without_beginning_are_dropped_from_large_pages_only_in_name() -> None:
    lines = texts("<p>كلمة</b> أخرى</p>" * 25_000)
    assert len(lines) == 25_000
    assert set(lines) == {"كلمة أخرى"}


def test_entities_of_the_document_type_are_not_expanded_and_files_not_read() -> None:
    markup = f'<!DOCTYPE html [<!ENTITY a "كلام"><!ENTITY b SYSTEM "file:///etc/passwd">]><p>{PARAGRAPH}</p><p>&a;&b;</p>'
    lines = texts(markup)
    assert lines[0] == PARAGRAPH
    assert "كلام" not in lines[-1]
    assert "root:" not in "".join(lines)


def test_a_page_that_breaks_the_libraries_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(markup: str) -> list[str]:
        raise RecursionError(markup[:10])

    monkeypatch.setattr(extraction, "_trafilatura", explode)
    monkeypatch.setattr(extraction, "_justext", explode)
    document = read(f"<html><body><p>{PARAGRAPH}</p></body></html>".encode())
    assert [line.role for line in document.lines] == [Role.BODY]
    assert "trafilatura failed (RecursionError)" in document.notices[0].message


def test_another_library_is_asked_when_the_first_found_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "_trafilatura", lambda markup: [])  # noqa: ARG005
    document = read(f"<html><body><p>{PARAGRAPH * 3}</p><p>{PARAGRAPH * 3}</p></body></html>".encode())
    assert "main text by jusText" in document.notices[0].message


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["<p>", "</p>", "<div class='nav'>", "</div>", "<a>", "</a>", "<h1>", "</h1>", "<td>", "<form>",
    "<script>", "</script>", "<title>", "<br/>", "<!--", "-->", "<![CDATA[", "]]>", "&amp;", "&#0;", "&#x110000;", "نص ", "\ud800",
    "<b", ">", '"', "<svg>", "<template>", "</body>", "</html>", "<html>", "<meta charset=utf-7>"]), max_size=40).map("".join))  # fmt: skip
def test_any_markup_is_flattened(markup: str) -> None:
    for line in flatten(markup).lines:
        assert line.text.strip()
        assert "\n" not in line.text


def test_character_references_bring_no_control_character_back() -> None:
    page = "<html><body><p>قال&#27;[31m الوزير&#0;&#x85;ثم&#8232;غادر&#xFFFE;.</p><p>&#7;</p></body></html>"
    document = read(page.encode(), name="page.html")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\ufffe]", document.text)
    assert "قال" in document.text and "غادر" in document.text
