"""Plain text, Markdown and subtitles: frames stay byte for byte, texts are translated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.corpora.formats.markdown import read_markdown
from dragoman.corpora.formats.plain import read_plain
from dragoman.corpora.formats.registry import format_of, read_template
from dragoman.corpora.formats.slots import Template, whole
from dragoman.corpora.formats.subtitles import read_subtitles
from dragoman.errors import FormatError, NotTextError

MARKDOWN = """---
title: لا يترجم
---
# عنوان **مهم** #

فقرة أولى
تكمل هنا مع `code` و[رابط](https://x.example/a "t") و*مائل* و 2 * 3.

- بند أول
- [ ] بند ثان
  تكملة

  | أ | ب |
  |---|:-:|
  | خلية | `x` |

> اقتباس
> يكمل

عنوان آخر
=========

```python
x = "كود"  # *لا*
```

    كود مزاح

<div class="x">
نص خام
</div>

1. واحد[^1]

![صورة](a.png) <https://x.example> <b>غامق</b>

***
[ref]: https://x.example/ref
"""
SRT = """1
00:00:01,000 --> 00:00:02,500
<i>مرحبا بكم</i>
في الفيلم

2
00:00:03,000 --> 00:00:04,500 X1:10 X2:20
- نعم
- لا

3
00:00:05,000 --> 00:00:06,000
{\\an8}<font color="red">فوق</font>

4
00:00:07,000 --> 00:00:08,000

"""
VTT = """WEBVTT - عنوان

NOTE تعليق

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.000 align:end
<v أحمد>مرحبا</v>
"""


def numbered(template: Template) -> bytes:
    return template.rebuild([whole(slot, f"T{i}") for i, slot in enumerate(template.slots)]).data


def untouched(template: Template) -> bytes:
    return template.rebuild([None] * len(template.slots)).data


def test_plain_text_keeps_indentation_blank_lines_and_line_ends() -> None:
    data = "  سطر أول \r\n\r\n\tثان\r\nثالث".encode()
    template = read_plain(data, "x.txt")
    assert [slot.text for slot in template.slots] == ["سطر أول", "ثان", "ثالث"]
    assert numbered(template).decode() == "  T0 \r\n\r\n\tT1\r\nT2"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff"), max_size=60))
def test_plain_text_without_translations_is_itself(text: str) -> None:
    data = ("نص عربي أول\n" + text).encode()
    try:
        template = read_plain(data, "x.txt")
    except NotTextError:
        return
    assert untouched(template).decode() == data.decode()


@given(st.text("اب #*_`[]()|->1.\n\\<:", max_size=60))
def test_markdown_and_subtitles_without_translations_are_themselves(text: str) -> None:
    markdown = read_markdown(("نص\n\n" + text).encode(), "x.md")
    assert untouched(markdown).decode() == "نص\n\n" + text
    numbered(markdown)
    cues = f"1\n00:00:01,000 --> 00:00:02,000\nنص\n{text}"
    assert untouched(read_subtitles(cues.encode(), "x.srt")).decode() == cues


def test_markdown_leaves_everything_but_running_text_as_it_is() -> None:
    template = read_markdown(MARKDOWN.encode(), "x.md")
    assert [slot.text for slot in template.slots] == [
        "عنوان مهم",
        "فقرة أولى تكمل هنا مع code ورابط ومائل و 2 * 3.",
        "بند أول",
        "بند ثان تكملة",
        "أ",
        "ب",
        "خلية",
        "x",
        "اقتباس يكمل",
        "عنوان آخر",
        "واحد",
        "غامق",
    ]
    assert untouched(template).decode() == MARKDOWN
    rebuilt = numbered(template).decode()
    for kept in (
        "title: لا يترجم",
        'x = "كود"  # *لا*',
        "    كود مزاح",
        "نص خام",
        "T9\n=========",
        "1. T10[^1]",
    ):
        assert kept in rebuilt
    assert "![صورة](a.png) <https://x.example> <b>T11</b>" in rebuilt
    assert "[ref]: https://x.example/ref" in rebuilt


def test_markdown_keeps_links_and_code_spans_around_their_words() -> None:
    template = read_markdown("شغل `make test` ثم اقرأ [README](a.md).".encode(), "x.md")
    rebuilt = template.rebuild([whole(template.slots[0], "Run make test and read README.")])
    assert rebuilt.data.decode() == "Run `make test` and read [README](a.md)."
    assert rebuilt.moved == ()


def test_subtitles_keep_numbers_times_settings_and_tags() -> None:
    template = read_subtitles(SRT.encode(), "x.srt")
    assert [slot.text for slot in template.slots] == ["مرحبا بكم في الفيلم", "- نعم\n- لا", "فوق"]
    assert untouched(template).decode() == SRT
    rebuilt = numbered(template).decode()
    assert "00:00:03,000 --> 00:00:04,500 X1:10 X2:20\nT1\n" in rebuilt
    assert '{\\an8}<font color="red">T2</font>' in rebuilt


def test_long_subtitles_are_broken_into_two_even_lines() -> None:
    template = read_subtitles(SRT.encode(), "x.srt")
    long = "This is a fairly long line that has to be broken into two lines"
    rebuilt = template.rebuild([whole(template.slots[0], long), None, None]).data.decode()
    lines = rebuilt.split("\n")[2:4]
    assert " ".join(lines) == long
    assert max(map(len, lines)) <= 42


def test_webvtt_headers_notes_and_styles_stay_as_they_are() -> None:
    template = read_subtitles(VTT.encode(), "x.vtt")
    assert [slot.text for slot in template.slots] == ["مرحبا"]
    assert numbered(template).decode() == VTT.replace("مرحبا", "T0")


def test_a_text_without_cues_is_refused() -> None:
    with pytest.raises(FormatError, match="no subtitle"):
        read_subtitles("نص".encode(), "x.srt")


def test_a_files_name_tells_its_format_and_others_are_refused() -> None:
    assert format_of("a/b.HTML") == "html"
    assert [slot.text for slot in read_template("نص".encode(), "a.md").slots] == ["نص"]
    with pytest.raises(FormatError, match="cannot tell the format"):
        format_of("a.pdf")
