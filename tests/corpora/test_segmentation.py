"""Sentence segmentation, behaviour by behaviour: each case is a text and its segments."""

import pytest
from click.testing import CliRunner

from dragoman.cli import dragoman
from dragoman.corpora.reading import read_text
from dragoman.corpora.segmentation import segment, segment_lines, split
from dragoman.units import Role


def texts(text: str, lang: str | None = None) -> list[str]:
    return [part.text for part in segment(text, lang=lang)]


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(["وصل الوفد صباحا.", "وغادر مساء."], id="full stop"),
        pytest.param(["هل وصل؟", "نعم، وصل!", "ثم غادر."], id="question and exclamation"),
        pytest.param(["ماذا؟!", "لا أصدق!!!", "حقا؟؟؟", "نعم."], id="runs of marks"),
        pytest.param(["بلغت النسبة 3.5 و٣٫٥ ثم 1,234.56 نقطة."], id="decimals"),
        pytest.param(["وصلت درجة الحرارة إلى ٣.٥ درجة.", "وستنخفض."], id="Arabic digits"),
        pytest.param(["قال د. سامي وأ.د. منى والنائب م. كريم ذلك."], id="titles"),
        pytest.param(["تأسست المدينة عام 300 ق.م. في الشمال."], id="era before a preposition"),
        pytest.param(["وقع ذلك سنة ١٤٤٠ هـ.", "وكتب عنه كثيرون."], id="era at the end"),
        pytest.param(["تبعد القرية 30 كم. عن المدينة."], id="unit before a preposition"),
        pytest.param(["تبعد القرية 30 كم.", "وهي صغيرة."], id="unit at the end"),
        pytest.param(["تحدث جون إف. كينيدي وجورج و. بوش."], id="initials spelled in Arabic"),
        pytest.param(
            ["نقلت ذلك قناة سي إن إن.", "وأكدته بي بي سي.", "ثم نفي."], id="acronyms spelled in Arabic"
        ),
        pytest.param(
            ["تستخدم الوزارة بدلا من. إنشاء قناة جديدة.", "انتهى."], id="stray stop after a preposition"
        ),
        pytest.param(["بدأ في عام 2022.", "وانتهى في 2023."], id="a year at the end"),
        pytest.param(["اللغة، كما يقال، كائن حي: تنمو؛ وتتغير."], id="commas, colons, semicolons"),
        pytest.param(["انتظر قليلا... ثم مضى… بلا كلمة."], id="three dots are a pause"),
        pytest.param(["انتهى العمل..", "وعاد الجميع."], id="two dots are a stop"),
        pytest.param(["قال (...) إنه سيعود.", "وعاد."], id="omission in brackets"),
        pytest.param(["قال «لن نرحل».", 'وأضاف: "سنبقى هنا."', "ثم صمت."], id="closing quotes stay"),
        pytest.param(["هذه دبلوماسية “.", "ثم غادر."], id="the wrong quote after a space"),
        pytest.param(["وقال “ هذا حق . “", "وغادر."], id="a spaced wrong quote after the stop"),
        pytest.param(["“سنعود”.", "“نعم، سنعود”."], id="an opening quote begins a sentence"),
        pytest.param(["«إلى أين؟» سأل الحارس.", "ولم يجب أحد."], id="verb of saying after a quotation"),
        pytest.param(['"لن نرحل." قال الرجل.', "ومضى."], id="verb of saying after a quoted statement"),
        pytest.param(["(انتهى العرض.)", "وخرج الناس."], id="closing bracket"),
        pytest.param(["المدينة قديمة.[1]", "وهي كبيرة.[2][3]", "وجميلة."], id="footnote numbers"),
        pytest.param(
            ["رائع! 🎉🎉", "مبروك 👨‍👩‍👧‍👦 للجميع.", "شكرا! :)", "نعم."], id="emoji and emoticons stay"
        ),
        pytest.param(["1. البند الأول طويل.", "وله تتمة."], id="a list number"),
        pytest.param(
            ["راجع https://example.org/a.b?x=1 ثم اكتب إلى info@example.org اليوم."], id="addresses"
        ),
        pytest.param(["نزل الإصدار v1.2.3 من ملف.pdf اليوم."], id="versions and file names"),
        pytest.param(
            ["تحدث رئيس شركة Acme Inc. in Boston هنا.", "ورد Mr. Smith عليه."], id="English abbreviations"
        ),
        pytest.param(["نشر التقرير في CNN.", "وأثار جدلا."], id="an acronym at the end"),
    ],
)
def test_arabic_is_split_at_the_spaces_between_its_sentences(expected: list[str]) -> None:
    assert texts(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(
            ["Dr. Smith met Mrs. Jones at 5 p.m. on Monday.", "They talked."], id="titles and hours"
        ),
        pytest.param(["He lives in the U.S.", "The house is small."], id="acronym before an opener"),
        pytest.param(["The U.S. Army and J. K. Rowling agreed."], id="acronyms and initials"),
        pytest.param(
            ["It costs $3.50 at No. 5, e.g. for members.", "Others pay."], id="decimals, numbers, e.g."
        ),
        pytest.param(['She asked "Why?" and left.', "Nobody knew."], id="question in a sentence"),
        pytest.param(['"Who is there?" Lehmann asked.', "Silence."], id="speaker after a question"),
        pytest.param(['"We are done."', "Then he left."], id="closing quote"),
        pytest.param(["I waited... and waited.", "Nobody came."], id="ellipsis before a small letter"),
        pytest.param(
            ["call me tomorrow.", "i will be there."], id="small letters begin sentences on the web"
        ),
        pytest.param(["It was great! :-)", "See you."], id="emoticon"),
        pytest.param(["Bring pens, paper, etc. to the class.", "Thanks."], id="etc. in a sentence"),
        pytest.param(["Jan. 9 was cold.", "It snowed on Dec. 25."], id="months"),
        pytest.param(["World War I.", "The peace."], id="a numeral before an opener"),
        pytest.param(["Visit example.com.", "It is new."], id="domain at the end"),
    ],
)
def test_english_is_split_at_the_spaces_between_its_sentences(expected: list[str]) -> None:
    assert texts(" ".join(expected), "en") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وصل عام 2022.وبدأ العمل.ثم ذهب.", ["وصل عام 2022.", "وبدأ العمل.", "ثم ذهب."]),
        ("هل وصل؟نعم وصل!ثم ذهب.", ["هل وصل؟", "نعم وصل!", "ثم ذهب."]),
        ("قال «لن نرحل».ثم مضى.", ["قال «لن نرحل».", "ثم مضى."]),
        ("the end.The next one.", ["the end.", "The next one."]),
        ("Node.js and a.B and end.the", ["Node.js and a.B and end.the"]),
        ("نص。下一句。", ["نص。", "下一句。"]),
        ("یہ پہلا جملہ ہے۔ یہ دوسرا ہے۔", ["یہ پہلا جملہ ہے۔", "یہ دوسرا ہے۔"]),
    ],
)
def test_a_missing_space_does_not_hide_a_boundary(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_lines_are_boundaries_and_so_are_unicode_line_ends() -> None:
    assert texts("عنوان\nنص قصير\r\nآخر\u2028ثالث\u2029رابع\x85خامس") == [
        "عنوان",
        "نص قصير",
        "آخر",
        "ثالث",
        "رابع",
        "خامس",
    ]


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    sentence = (
        "بدأت المكتبة رحلتها الأولى إلى القرى البعيدة وعلى متنها آلاف الكتب الجديدة. وقالت المديرة إن "
        "الحافلة ستزور كل قرية في الجبل مرة كل أسبوع طوال فصل الصيف. ورحب الأهالي بالفكرة لأن أقرب مكتبة "
        "تبعد كثيرا."
    )
    pieces = sentence.split()
    wrapped = "\n".join(" ".join(pieces[i : i + 6]) for i in range(0, len(pieces), 6))
    assert split(wrapped, "ar") == split(sentence, "ar")
    assert len(split(wrapped, "ar")) == 3


def test_cells_of_a_table_and_items_of_a_list_are_segments() -> None:
    table = "| المدينة | السكان |\n|---|---|\n| عمان. الأردن | 4,000,000 |\n\n- أولا\n- ثانيا"
    assert texts(table) == ["المدينة", "السكان", "عمان. الأردن", "4,000,000", "- أولا", "- ثانيا"]


def test_the_half_lines_of_a_verse_are_one_segment() -> None:
    assert len(texts("قفا نبك من ذكرى حبيب        بسقط اللوى بين الدخول\nوقوفا بها صحبي\tعلي مطيهم")) == 2


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\ufeff\u00a0\u3000\u2028", "***\n---\n...", "؟! .. ؟"])
def test_text_without_words_has_no_segments(text: str) -> None:
    assert segment(text) == []


def test_marks_without_a_word_go_to_a_neighbour() -> None:
    assert texts("... بدأ العمل. ؟! * * * انتهى.") == ["... بدأ العمل. ؟!", "* * * انتهى."]


def test_an_unbalanced_quote_does_not_swallow_the_article() -> None:
    text = 'قال “سنفعل “كل شيء” غدا. وأضاف «لن نتراجع (أبدا. ثم سكت”.\n"اقتباس لا ينتهي. وجملة ثانية. وثالثة'
    assert len(texts(text)) == 6


@pytest.mark.parametrize(
    ("headline", "dateline", "body"),
    [
        ("وفد تجاري يزور البلاد", "", "عمان 15 - 7 (رويترز) - وصل وفد تجاري اليوم."),
        ("وفد تجاري يزور البلاد", "", "القاهرة - «الحياة» - وصل وفد تجاري اليوم."),
        ("وفد تجاري يزور البلاد", "", "بيروت (أ ف ب) - وصل وفد تجاري اليوم."),
        ("وفد تجاري يزور البلاد", "", "لندن ٣ مايو/شينخوا/وصل وفد تجاري اليوم إلى المدينة."),
        ("وفد تجاري يزور البلاد", "نيو دلهي ٣ مايو", "وصل وفد تجاري اليوم إلى المدينة في زيارة طويلة."),
        ("وفد تجاري يزور البلاد", "شنيانغ ٣ مايو ١٠: ٣٧", "وصل وفد تجاري اليوم إلى المدينة في زيارة."),
    ],
)
def test_a_dateline_shows_where_a_flattened_headline_ends(headline: str, dateline: str, body: str) -> None:
    tail = " واستقبله مسؤولون في الغرفة التجارية ثم عقد اجتماعا معهم لبحث التعاون بين الجانبين."
    body = body.removesuffix(".") + tail
    expected = [*(part for part in (headline, dateline, body) if part), "ثم غادر."]
    assert texts(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "قال الوزير إن الاجتماع الذي عقد في القاهرة ٣ مايو الماضي بحث",
        "نوقش الأمر في اجتماع طويل ببلدية عمان يوم ٣ مايو بمشاركة",
        "عرض المخرج فيلمه الجديد - «الحياة» - في المهرجان أمس بحضور",
        "فاز المنتخب على نظيره (التونسي) - كما كان متوقعا - أمس بحضور",
    ],
)
def test_dates_and_dashes_inside_sentences_are_no_datelines(text: str) -> None:
    text += " جمهور كبير من المهتمين من جميع أنحاء البلاد ومن خارجها كما في كل عام من الأعوام الماضية"
    assert texts(f"{text}. ثم غادر.") == [f"{text}.", "ثم غادر."]


def test_a_document_gives_roles_and_paragraphs() -> None:
    article = "عنوان الخبر هنا\n\nبدأ العمل في الجسر صباح اليوم. وينتهي بعد سنة.\n\nجميع الحقوق محفوظة © 2022"
    parts = segment(read_text(article))
    assert [part.role for part in parts] == [Role.TITLE, Role.BODY, Role.BODY, Role.BOILERPLATE]
    assert [part.paragraph for part in parts] == [0, 1, 1, 2]


def test_a_stream_of_lines_has_offsets_into_the_whole() -> None:
    lines = ["وصل الوفد. وغادر.\n", "\n", "ثم عاد.\n"]
    text = "".join(lines)
    parts = list(segment_lines(iter(lines)))
    assert [text[part.start : part.end] for part in parts] == ["وصل الوفد.", "وغادر.", "ثم عاد."]
    assert [part.paragraph for part in parts] == [0, 0, 2]


def test_the_command_writes_a_sentence_a_line() -> None:
    article = (
        "عنوان الخبر هنا\n\nبدأ العمل في الجسر صباح اليوم. وينتهي بعد سنة.\n\nجميع الحقوق محفوظة © 2022\n"
    )
    result = CliRunner().invoke(dragoman, ["segment"], input=article.encode())
    assert result.exit_code == 0
    assert result.stdout.split("\n") == [
        "عنوان الخبر هنا",
        "بدأ العمل في الجسر صباح اليوم.",
        "وينتهي بعد سنة.",
        "",
    ]
    result = CliRunner().invoke(
        dragoman, ["segment", "-", "--with-boilerplate", "--format", "tsv"], input=article.encode()
    )
    assert result.stdout.split("\n")[3].endswith("\t2\tجميع الحقوق محفوظة © 2022")


def test_the_command_streams_a_corpus_and_refuses_a_missing_file() -> None:
    result = CliRunner().invoke(
        dragoman, ["segment", "--lines", "--format", "jsonl"], input="قال.\nوعاد".encode()
    )
    assert '"paragraph": 1, "text": "وعاد"' in result.stdout
    result = CliRunner().invoke(dragoman, ["segment", "--lines", "no/such/file"])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
