from hypothesis import given
from hypothesis import strategies as st

from dragoman.translate import verbatim
from dragoman.translate.batching import batches, max_tgt_tokens
from dragoman.translate.bypass import bypass
from dragoman.translate.doubts import doubt, repeats
from dragoman.translate.oversized import pieces_of, rejoin
from dragoman.units import Origin


@given(st.lists(st.integers(1, 100), max_size=60), st.integers(1, 300))
def test_batches_hold_every_sentence_once_and_fit(lengths: list[int], budget: int) -> None:
    found = batches(lengths, budget)
    assert sorted(i for batch in found for i in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= budget


def test_the_decoding_limit_never_exceeds_the_positions() -> None:
    assert max_tgt_tokens(10, 256) == 36
    assert max_tgt_tokens(250, 256) == 254


def test_spans_are_found_whole_and_without_the_marks_around_them() -> None:
    text = (
        "(انظر https://ar.wikipedia.org/wiki/A_(b)) و www.example.org/x، بريد: a.b+c@mail.example.co.uk. "
        "@user_name #وسم_عربي الإصدار 3.11.4، المسار /usr/local/bin؛ 192.168.0.1"
    )
    assert [text[a:b] for a, b in verbatim.spans(text)] == [
        "https://ar.wikipedia.org/wiki/A_(b)",
        "www.example.org/x",
        "a.b+c@mail.example.co.uk",
        "@user_name",
        "#وسم_عربي",
        "3.11.4",
        "/usr/local/bin",
        "192.168.0.1",
    ]


def test_numbers_dates_and_short_latin_names_are_left_to_the_model() -> None:
    for text in ("بلغ 12.5 في المئة", "يوم 12/01/2022", "هاتف iPhone 12 Pro", "ذكرت BBC ذلك", "وزن 3.5 كغ."):
        assert not verbatim.spans(text)


def test_other_scripts_are_kept() -> None:
    text = 'قال "ההסכם ייחתם מחר" ثم "we will see".'
    assert [text[a:b] for a, b in verbatim.spans(text)] == ["ההסכם ייחתם מחר", "we will see"]


@given(st.text("اب a@#./:هc1 \n(", max_size=80))
def test_stretches_join_to_the_text(text: str) -> None:
    assert "".join(part.text for part in verbatim.split(text)) == text


@given(st.text(max_size=200))
def test_looking_for_spans_survives_any_text(text: str) -> None:
    assert verbatim.survives(text, text)


def test_an_untranslated_join_gives_the_sentence_back() -> None:
    text = "انظر (www.example.org)، ثم عد."
    parts = verbatim.split(text)
    cores = {verbatim.core(part.text): verbatim.core(part.text) for part in parts}
    assert verbatim.join(parts, cores) == "انظر (www.example.org), ثم عد."


def test_what_bypasses_the_model_says_why() -> None:
    cases = {
        "2021": ("2021", "copy-number"),
        "١٢/٠١/٢٠٢٢": ("12/01/2022", "copy-number"),
        "٣٬٤٥٠٬٠٠٠": ("3,450,000", "copy-number"),
        "***": ("***", "copy-number"),
        "a@b.org": ("a@b.org", "copy-verbatim"),
        "#القدس": ("#القدس", "copy-verbatim"),
        "BBC News، ٢٠٢١": ("BBC News, 2021", "copy-foreign"),
        "The word سلام means peace in Arabic.": (
            "The word سلام means peace in Arabic.",
            "copy-mostly-foreign",
        ),
    }
    for text, (copy, kind) in cases.items():
        found = bypass(text)
        assert found is not None, text
        assert (found.text, found.origin, found.flags[0].kind) == (copy, Origin.COPY, kind)
    assert bypass("نص عربي 2021") is None
    assert bypass("قال BBC") is None


@given(st.text(max_size=100))
def test_a_copy_is_one_line_without_control_characters(text: str) -> None:
    found = bypass(text)
    if found is not None:
        assert not any(char in found.text for char in "\n\r\x1b\x00\u202e\u2066")


def test_loops_are_told_from_plain_repetition() -> None:
    assert repeats(["the", "city", "of", "the", "city", "of", "the", "city", "of", "the", "city", "of"])
    assert repeats(["no"] * 5)
    assert not repeats(["very", "very", "good", ",", "very", "very", "good"])
    assert doubt("كلمة", "a a a a a a", is_finished=True) == "loop"
    assert doubt("كلمة " * 9, "word " * 9, is_finished=True) is None
    assert doubt("كلمة", "ababababababababab", is_finished=True) == "loop"
    assert doubt("١", "1000000000000", is_finished=True) is None
    assert doubt("| كتب | 3 |", "| | 3 | 3 |", is_finished=True) == "empty"
    assert doubt("كلمة", "...", is_finished=True) == "empty"
    assert doubt("كلمة", "word", is_finished=False) == "limit"


@given(st.text("اب ،.و", min_size=1, max_size=300), st.integers(3, 30))
def test_pieces_hold_every_character_in_order(text: str, limit: int) -> None:
    pieces = pieces_of(text, limit, len)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(pieces)


def test_pieces_are_rejoined_without_the_models_own_full_stops() -> None:
    assert rejoin(["وصل الوفد،", "ثم سافر."], ["The delegation arrived.", "Then it left."]) == (
        "The delegation arrived, Then it left."
    )
    assert rejoin(["وصل.", "سافر."], ["It came.", "It left."]) == "It came. It left."
