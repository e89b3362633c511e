"""Wrapped prose is joined into paragraphs; verse, menus and lists are not."""

import textwrap

import pytest

from dragoman.corpora.paragraphs import number_paragraphs, split_lines

PROSE = (
    "افتتحت البلدية سوقا جديدة للخضار في وسط المدينة بعد سنتين من العمل. وقال رئيسها إن السوق تضم مئة متجر، وإن الإيجار "
    "فيها أقل من غيرها بالثلث. ويأمل التجار في أن تجذب السوق زبائن من القرى القريبة، غير أن الطريق إليها ما زال ضيقا."
)


def numbers(text: str) -> list[int]:
    return number_paragraphs(text, split_lines(text))


@pytest.mark.parametrize("width", [40, 60, 72, 100])
def test_prose_wrapped_at_a_width_is_one_paragraph_a_block(width: int) -> None:
    block = textwrap.fill(PROSE, width)
    assert set(numbers(f"{block}\n\n{block}")) == {0, 1}


@pytest.mark.parametrize("n_words", [7, 9, 12])
def test_prose_wrapped_after_so_many_words_is_one_paragraph(n_words: int) -> None:
    words = PROSE.split()
    text = "\n".join(" ".join(words[i : i + n_words]) for i in range(0, len(words), n_words))
    assert set(numbers(text)) == {0}


@pytest.mark.parametrize(
    "text",
    [
        "\n".join([PROSE] * 4),
        "الرئيسية\nسياسة\nاقتصاد\nرياضة\nثقافة",
        "\n".join(["يا دار ليلى على الوادي سقاك حيا      وزارك الصبح مبتسما على مهل"] * 6),
        "\n".join(f"- بند رقم {i} من القائمة الطويلة للمشتريات." for i in range(8)),
        "\n".join(f"{i}. جملة كاملة قصيرة في سطر مستقل." for i in range(8)),
        "\n".join(f"وقال الشاهد رقم {i} إن الحادث وقع مساء." for i in range(8)),
        "",
    ],
)
def test_lines_that_are_not_wrapped_are_paragraphs(text: str) -> None:
    assert numbers(text) == list(range(len(split_lines(text))))


def test_a_line_is_its_text_without_the_space_around_it() -> None:
    text = "\n  أول  \n\n\t\nثان\u2028ثالث\n"
    assert [text[line.start : line.end] for line in split_lines(text)] == ["أول", "ثان\u2028ثالث"]
    assert [line.block for line in split_lines(text)] == [0, 1]
