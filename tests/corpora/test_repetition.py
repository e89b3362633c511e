"""What several articles of one job share is no part of any."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.corpora.reading import read_text
from dragoman.corpora.repetition import LineSurvey, line_key, set_apart_repeated
from dragoman.units import Document, Role

BOX = "نرسل إليكم كل صباح خلاصة ما كتبه مراسلونا في المدن والقرى، بلا ثمن وبلا إعلانات من أي نوع."
ARTICLES = [
    "افتتحت البلدية سوقا جديدة للخضار في وسط المدينة بعد سنتين من العمل المتواصل.",
    "وصل القطار الأول إلى المحطة الجنوبية صباح اليوم وعلى متنه مئة من الركاب.",
    "أعلنت الجامعة أسماء الفائزين في مسابقة الشعر وقالت إن الحفل يقام في الخريف.",
]


def document(*paragraphs: str) -> Document:
    return read_text("\n\n".join(paragraphs))


def test_a_line_of_three_articles_is_set_apart_with_a_reason() -> None:
    documents = set_apart_repeated([document(text, f"{text} وانتهى.", BOX) for text in ARTICLES])
    for read in documents:
        assert [line.role for line in read.lines] == [Role.BODY, Role.BODY, Role.BOILERPLATE]
        assert "several articles" in read.lines[-1].reason


def test_two_articles_may_share_a_sentence() -> None:
    documents = [document(text, BOX) for text in ARTICLES[:2]]
    assert set_apart_repeated(documents) == documents


def test_versions_of_one_article_are_no_company_for_each_other() -> None:
    documents = [document(*ARTICLES) for _ in range(5)]
    assert set_apart_repeated(documents) == documents


def test_no_documents_stay_none() -> None:
    assert set_apart_repeated([]) == []


def test_short_lines_and_documents_made_of_shared_lines_are_left_alone() -> None:
    answers = [document(text, "نعم، بالطبع.", f"{text} وانتهى.") for text in ARTICLES]
    assert set_apart_repeated(answers) == answers
    notices = [document(BOX) for _ in range(4)] + [document(BOX, ARTICLES[0], f"{BOX} شكرا.")]
    assert [[line.role for line in read.lines] for read in set_apart_repeated(notices)] == [
        [Role.BODY]
    ] * 4 + [[Role.BOILERPLATE, Role.BODY, Role.BODY]]


def _repeated_slowly(documents: list[list[str]]) -> set[str]:
    kept: list[set[str]] = []
    for lines in map(set, documents):
        owners: dict[int, int] = {}
        for line in lines:
            for index, other in enumerate(kept):
                if line in other:
                    owners[index] = owners.get(index, 0) + 1
                    break
        if len(lines) > 1 and owners and max(owners.values()) >= 0.5 * len(lines):
            continue
        kept.append(lines)
    return {line for lines in kept for line in lines if sum(line in other for other in kept) >= 3}


@given(st.lists(st.lists(st.sampled_from([f"سطر{i}" for i in range(12)]), max_size=6), max_size=12))
def test_the_survey_finds_what_a_slow_count_finds(documents: list[list[str]]) -> None:
    survey = LineSurvey()
    for lines in documents:
        survey.add(lines)
    assert survey.repeated() == {line_key(line) for line in _repeated_slowly(documents)}


def test_spelling_and_marks_do_not_tell_lines_apart_and_marks_alone_are_no_line() -> None:
    assert line_key("إلى الأمام!") == line_key("الى  الامام")
    assert line_key(" *** ") == 0
