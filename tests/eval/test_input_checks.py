"""Inputs that do not fit are reported by line."""

import pytest

from dragoman.errors import LanguageError
from dragoman.eval.input_checks import check_units
from dragoman.eval.inputs import Side
from dragoman.eval.modes import make_units
from dragoman.eval.results import Mode

WORDS = ["school", "harbour", "tower", "bridge", "market", "road", "dam", "hall", "port", "mill"]
REFS = [
    f"The {word} was built in 1990."
    for word in ["school", "harbour", "tower", "bridge", "market", "road", "dam", "hall", "port", "mill"]
]
SRC = [f"بني المبنى رقم {i}." for i in range(10)]


def kinds(
    hyps: list[str], refs: list[str] = REFS, src: list[str] | None = None, *, lowercase: bool = False
) -> dict[str, str]:
    source = None if src is None else Side("src", tuple(src))
    units = make_units(Mode.SEGMENT, [Side("hyp", tuple(hyps))], [Side("ref", tuple(refs))], source)
    return {notice.kind: notice.message for notice in check_units(units, ["sys"], lowercase=lowercase)}


def test_good_input_has_no_notice() -> None:
    assert kinds([text.replace("was", "got") for text in REFS], src=SRC) == {}


def test_empty_lines_are_named() -> None:
    assert kinds(["", *REFS[1:]])["empty"] == "sys: empty segments: 1 (segment 1)"
    assert kinds(REFS, ["", "", *REFS[2:]])["empty"] == "reference 1: empty segments: 2 (segments 1, 2)"


def test_tokenised_text_is_noticed() -> None:
    assert "looks tokenised" in kinds([text.replace(".", " .") for text in REFS])["tokenised"]


def test_lower_cased_text_is_noticed_unless_case_is_folded() -> None:
    lower = [text.lower() for text in REFS]
    assert "no capital letter" in kinds(lower)["lower-cased"]
    assert "lower-cased" not in kinds(lower, lowercase=True)


def test_untranslated_segments_are_named() -> None:
    found = kinds([*REFS[:8], *SRC[8:]], src=SRC)
    assert "2 (segments 9, 10)" in found["wrong-language"]
    assert "2 (segments 9, 10)" in found["copied-source"]


def test_a_reference_given_as_hypothesis_is_noticed() -> None:
    assert "10 of 10 hypotheses equal a reference" in kinds(REFS)["equals-reference"]


def test_a_source_in_the_wrong_script_is_refused() -> None:
    with pytest.raises(LanguageError, match="the source: 10 of 10 segments are not in Arabic script"):
        kinds([text + " Yes." for text in REFS], src=REFS)
