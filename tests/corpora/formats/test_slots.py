"""Inline codes: where they go in a translation, and that they stay well nested."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.corpora.formats.slots import (
    Code,
    CodeKind,
    Piece,
    Slot,
    Translation,
    place_codes,
    source_parts,
    whole,
)

OPEN, CLOSE, SINGLE = CodeKind.OPEN, CodeKind.CLOSE, CodeKind.SINGLE


def shown(slot: Slot, translation: Translation) -> str:
    parts, _ = place_codes(slot, translation)
    marks = {OPEN: "<{}>", CLOSE: "</{}>", SINGLE: "<{}/>"}
    return "".join(part if isinstance(part, str) else marks[part.kind].format(part.payload) for part in parts)


def slot(text: str, *codes: tuple[int, CodeKind, int], dispensable: bool = False) -> Slot:
    return Slot(text, tuple(Code(*code, is_dispensable=dispensable) for code in codes))


def test_codes_around_the_whole_text_stay_around_it() -> None:
    both = slot("خبر عاجل", (0, OPEN, 0), (0, SINGLE, 1), (8, CLOSE, 0))
    assert shown(both, whole(both, "Breaking news")) == "<0><1/>Breaking news</0>"
    assert place_codes(both, whole(both, "Breaking news"))[1] is False


def test_a_pair_around_a_number_or_a_latin_name_finds_it_again() -> None:
    link = slot("قالت BBC أمس", (5, OPEN, 0), (8, CLOSE, 0))
    assert shown(link, whole(link, "Yesterday the BBC said")) == "Yesterday the <0>BBC</0> said"
    assert place_codes(link, whole(link, "Yesterday the BBC said"))[1] is False


def test_a_label_before_a_colon_keeps_its_formatting() -> None:
    label = slot("ملاحظة: انتهى", (0, OPEN, 0), (7, CLOSE, 0), dispensable=True)
    assert shown(label, whole(label, "Note: it is over")) == "<0>Note:</0> it is over"


def test_what_cannot_be_placed_is_flagged_and_a_link_keeps_a_word() -> None:
    link = slot("قال الوزير إنه غادر", (4, OPEN, 0), (10, CLOSE, 0))
    assert shown(link, whole(link, "The minister said he left.")) == "The minister said he <0>left</0>."
    bold = slot("قال الوزير إنه غادر", (4, OPEN, 0), (10, CLOSE, 0), dispensable=True)
    assert shown(bold, whole(bold, "The minister left.")) == "The minister left."
    image = slot("قال الوزير إنه غادر", (11, SINGLE, 0))
    assert shown(image, whole(image, "The minister left.")) == "The minister left.<0/>"
    for some in (link, bold, image):
        assert place_codes(some, whole(some, "The minister left."))[1] is True


def test_codes_stay_in_their_sentence() -> None:
    text = "غادر. عاد أمس."
    two = slot(text, (5, SINGLE, 0), (6, OPEN, 1), (14, CLOSE, 1))
    translation = Translation((Piece(0, 5, "He left."), Piece(6, 14, "He returned yesterday.")))
    assert shown(two, translation) == "He left.<0/> <1>He returned yesterday.</1>"


def test_a_pair_over_two_sentences_spans_both_translations() -> None:
    text = "غادر. عاد أمس."
    two = slot(text, (0, OPEN, 0), (14, CLOSE, 0))
    translation = Translation((Piece(0, 5, "He left."), Piece(6, 14, "He returned.")))
    assert shown(two, translation) == "<0>He left. He returned.</0>"


@st.composite
def nested(draw: st.DrawFn) -> Slot:
    text = draw(st.text("اب 1.", min_size=1, max_size=20).map(str.strip).filter(bool))
    codes: list[Code] = []
    stack: list[int] = []
    position = payload = 0
    for _ in range(draw(st.integers(0, 8))):
        position = draw(st.integers(position, len(text)))
        kind = draw(st.sampled_from([OPEN, SINGLE] + [CLOSE] * bool(stack)))
        dispensable = draw(st.booleans()) if kind is not CLOSE else False
        if kind is CLOSE:
            opened = stack.pop()
            before = next(code for code in codes if code.payload == opened)
            codes.append(Code(position, CLOSE, opened, before.is_dispensable))
            continue
        if kind is OPEN:
            stack.append(payload)
        codes.append(Code(position, kind, payload, dispensable))
        payload += 1
    for opened in reversed(stack):
        before = next(code for code in codes if code.payload == opened)
        codes.append(Code(len(text), CLOSE, opened, before.is_dispensable))
    return Slot(text, tuple(codes))


@given(nested(), st.data())
def test_well_nested_codes_stay_so_and_only_dispensable_ones_may_go(some: Slot, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(some.text)))
    target = st.text("ab 1.", max_size=10)
    translation = Translation(
        (Piece(0, cut, data.draw(target)), Piece(cut, len(some.text), data.draw(target)))
    )
    parts, _ = place_codes(some, translation)
    placed = [part for part in parts if isinstance(part, Code)]
    stack: list[int] = []
    for code in placed:
        if code.kind is OPEN:
            stack.append(code.payload)
        elif code.kind is CLOSE:
            assert stack.pop() == code.payload
    assert stack == []
    assert set(placed) <= set(some.codes) and len(placed) == len(set(placed))
    assert {code for code in some.codes if not code.is_dispensable} <= set(placed)


@given(nested())
def test_the_source_is_its_text_with_the_codes_in_place(some: Slot) -> None:
    parts = source_parts(some)
    assert "".join(part for part in parts if isinstance(part, str)) == some.text
    assert [part for part in parts if isinstance(part, Code)] == list(some.codes)
