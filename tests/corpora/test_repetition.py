"""What several articles of one job share is no part of any."""

from dragoman.corpora.reading import read_text
from dragoman.corpora.repetition import set_apart_repeated
from dragoman.units import Document, Role

BOX = "نرسل إليكم كل صباح خلاصة ما كتبه مراسلونا في المدن والقرى، بلا ثمن وبلا إعلانات من أي نوع."
ARTICLES = [
    "افتتحت البلدية سوقا جديدة للخضار في وسط المدينة بعد سنتين من العمل المتواصل.",
    "وصل القطار الأول إلى المحطة الجنوبية صباح اليوم وعلى متنه مئة من الركاب.",
    "أعلنت الجامعة أسماء الفائزين في مسابقة الشعر وقالت إن الحفل يقام في الخريف.",
]


def document(*paragraphs: str) -> Document:
    return read_text("\n\n".join(paragraphs))


def test_a_line_of_three_articles_is_set_apart_with_the_count_as_reason() -> None:
    documents = set_apart_repeated([document(text, f"{text} وانتهى.", BOX) for text in ARTICLES])
    for read in documents:
        assert [line.role for line in read.lines] == [Role.BODY, Role.BODY, Role.BOILERPLATE]
        assert "3 articles" in read.lines[-1].reason


def test_two_articles_may_share_a_sentence() -> None:
    documents = [document(text, BOX) for text in ARTICLES[:2]]
    assert set_apart_repeated(documents) == documents


def test_versions_of_one_article_are_no_company_for_each_other() -> None:
    documents = [document(*ARTICLES) for _ in range(5)]
    assert set_apart_repeated(documents) == documents


def test_no_documents_stay_none() -> None:
    assert set_apart_repeated([]) == []
