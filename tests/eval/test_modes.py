"""Sides into units: what fits, what is refused and by which message."""

import pytest

from dragoman.errors import MismatchError
from dragoman.eval.inputs import Side
from dragoman.eval.modes import make_units
from dragoman.eval.results import Mode


def side(*texts: str | None, docs: str = "", segs: str = "", name: str = "x") -> Side:
    return Side(name, texts, tuple(docs.split()), tuple(segs.split()))


def test_lines_meet_by_their_order() -> None:
    units = make_units(Mode.SEGMENT, [side("a", "b")], [side("x", "y"), side("i", "j")], side("س", "ص"))
    assert (units.hyps, units.refs, units.src) == ((("a", "b"),), (("x", "y"), ("i", "j")), ("س", "ص"))
    assert units.seg_ids == ("1", "2")
    assert units.coverage.complete


def test_nothing_is_cut_to_the_shorter_side() -> None:
    with pytest.raises(MismatchError, match=r"hyp\.txt: 3, ref\.txt: 1"):
        make_units(Mode.SEGMENT, [side("a", "b", "c", name="hyp.txt")], [side("x", name="ref.txt")])


def test_identified_segments_meet_whatever_their_order() -> None:
    hyps = side("b", "a", docs="d d", segs="2 1")
    units = make_units(Mode.SEGMENT, [hyps], [side("x", "y", docs="d d", segs="1 2")])
    assert units.hyps == (("a", "b"),)
    assert (units.doc_ids, units.seg_ids) == (("d", "d"), ("1", "2"))


@pytest.mark.parametrize(
    ("segs", "message"),
    [
        ("1 3", r"lacks 1 of the segments of ref.*document d, segment 2"),
        ("1 1", r"document d, segment 1 occurs twice"),
    ],
)
def test_missing_and_duplicated_identifiers_are_refused_by_name(segs: str, message: str) -> None:
    with pytest.raises(MismatchError, match=message):
        make_units(
            Mode.SEGMENT,
            [side("a", "b", docs="d d", segs=segs)],
            [side("x", "y", docs="d d", segs="1 2", name="ref")],
        )


def test_segments_that_the_reference_lacks_are_refused() -> None:
    with pytest.raises(MismatchError, match="has segments that ref lacks, the first is segment 9"):
        make_units(Mode.SEGMENT, [side("a", "b", segs="1 9")], [side("x", segs="1", name="ref")])


def test_a_segment_without_any_reference_is_excluded_and_listed() -> None:
    units = make_units(Mode.SEGMENT, [side("a", "b")], [side("x", None)])
    assert units.hyps == (("a",),)
    assert [(item.where, item.text) for item in units.excluded] == [("line 2", "b")]
    assert str(units.coverage) == "hyp=1/2,ref1=1/1,units=1"


def test_documents_are_joined_in_document_mode() -> None:
    units = make_units(
        Mode.DOCUMENT,
        [side("a", "b", "c", docs="d1 d1 d2")],
        [side("x", "y", docs="d1 d2")],
        side("س", "ص", docs="d1 d2"),
    )
    assert units.hyps == (("a b", "c"),)
    assert units.refs == (("x", "y"),)
    assert units.src == ("س", "ص")


def test_a_missing_document_is_named() -> None:
    with pytest.raises(MismatchError, match=r"hyp lacks 1 documents of ref: 'd2'"):
        make_units(
            Mode.DOCUMENT, [side("a", docs="d1", name="hyp")], [side("x", "y", docs="d1 d2", name="ref")]
        )


def test_resegmented_hypotheses_have_the_references_segments() -> None:
    units = make_units(
        Mode.RESEGMENTED, [side("The cat sat. It", "slept.")], [side("The cat sat.", "It slept well.")]
    )
    assert units.hyps == (("The cat sat.", "It slept."),)
    assert units.coverage.complete


def test_a_reference_in_another_segmentation_is_brought_into_the_first_ones() -> None:
    units = make_units(
        Mode.RESEGMENTED,
        [side("The cat sat. It slept.")],
        [side("The cat sat.", "It slept well."), side("A cat sat. It was asleep.")],
    )
    assert units.refs[1] == ("A cat sat.", "It was asleep.")


def test_aligned_references_may_have_any_segmentation() -> None:
    hyps = side("The mayor opened the new port.", "Ships came from Italy.", "The fish market reopened.")
    reference = side(
        "The mayor opened the new port. Ships arrived from Italy.", "The fish market was reopened."
    )
    units = make_units(Mode.ALIGNED, [hyps], [reference])
    assert units.hyps == (
        ("The mayor opened the new port. Ships came from Italy.", "The fish market reopened."),
    )
    assert units.coverage.complete


def test_systems_that_are_aligned_together_share_their_units() -> None:
    first = side("The mayor opened the port.", "Ships came from Italy.")
    second = side("Port is opened by mayor.", "From Italy ships came.")
    reference = side("The mayor opened the port. Ships came from Italy.")
    units = make_units(Mode.ALIGNED, [first, second], [reference])
    assert [len(hyps) for hyps in units.hyps] == [1, 1]


def test_scoring_without_a_reference_is_refused() -> None:
    with pytest.raises(MismatchError, match="at least one reference"):
        make_units(Mode.SEGMENT, [side("a")], [])
