"""Units of aligned mode: several references, each with its own beads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.errors import MismatchError
from dragoman.eval.bead_units import units_from_beads
from dragoman.units import Bead


def bead(src: tuple[int, int], tgt: tuple[int, int]) -> Bead:
    return Bead(range(*src), range(*tgt))


def test_one_reference_gives_a_unit_a_bead() -> None:
    beads = [bead((0, 1), (0, 2)), bead((1, 3), (2, 3))]
    units = units_from_beads([beads], [["h0", "h1", "h2"]], [["r0", "r1", "r2"]], ["s0", "s1", "s2"])
    assert units.hyps == (("h0", "h1 h2"),)
    assert units.refs == (("r0 r1", "r2"),)
    assert units.src == ("s0", "s1 s2")
    assert units.seg_ids == ("1", "2-3")
    assert units.coverage.complete


def test_references_of_different_segmentations_meet_on_their_common_groups() -> None:
    first = [bead((0, 1), (0, 1)), bead((1, 3), (1, 2)), bead((3, 4), (2, 3))]
    second = [bead((0, 2), (0, 1)), bead((2, 3), (1, 3)), bead((3, 4), (3, 4))]
    units = units_from_beads([first, second], [list("abcd")], [list("xyz"), list("ijkl")])
    assert units.hyps == (("a b c", "d"),)
    assert units.refs == (("x y", "z"), ("i j k", "l"))


def test_what_a_reference_lacks_is_left_to_the_others() -> None:
    first = [bead((0, 1), (0, 1)), bead((1, 2), (1, 2))]
    second = [bead((0, 1), (0, 1)), bead((1, 2), (0, 0))]
    units = units_from_beads([first, second], [["a", "b"]], [["x", "y"], ["i"]])
    assert units.refs == (("x", "y"), ("i", None))
    assert str(units.coverage) == "hyp=2/2,ref1=2/2,ref2=1/1,units=2"


def test_what_no_reference_has_is_excluded_and_listed() -> None:
    beads = [bead((0, 1), (0, 1)), bead((1, 2), (1, 1)), bead((2, 2), (1, 2))]
    units = units_from_beads([beads], [["a", "b"]], [["x", "added"]], doc_id="d")
    assert units.hyps == (("a",),)
    assert str(units.coverage) == "hyp=1/2,ref1=1/2,units=1"
    assert [(e.side, e.where, e.text) for e in units.excluded] == [
        ("hypothesis", "document d, segment 2", "b"),
        ("reference 1", "document d, segment 2", "added"),
    ]


def test_a_bead_that_crosses_others_brings_its_sentences_along() -> None:
    beads = [bead((0, 1), (1, 2)), bead((1, 2), (0, 1))]
    units = units_from_beads([beads], [["a", "b"]], [["second", "first"]])
    assert units.refs == (("first", "second"),)


def test_beads_that_leave_the_texts_are_refused() -> None:
    with pytest.raises(MismatchError, match="leaves the texts"):
        units_from_beads([[bead((0, 1), (0, 3))]], [["a"]], [["x"]])


@st.composite
def _alignments(draw: st.DrawFn) -> tuple[int, list[list[Bead]], list[int]]:
    n_src = draw(st.integers(1, 8))
    alignments, lengths = [], []
    for _ in range(draw(st.integers(1, 3))):
        beads, src, tgt = [], 0, 0
        while src < n_src:
            width = draw(st.integers(1, min(3, n_src - src)))
            height = draw(st.integers(0, 2))
            beads.append(bead((src, src + width), (tgt, tgt + height)))
            src, tgt = src + width, tgt + height
        alignments.append(beads)
        lengths.append(tgt)
    return n_src, alignments, lengths


@given(_alignments())
def test_every_segment_and_sentence_is_scored_or_listed_exactly_once(
    drawn: tuple[int, list[list[Bead]], list[int]],
) -> None:
    n_src, alignments, lengths = drawn
    hyps = [f"h{i}" for i in range(n_src)]
    refs = [[f"r{k}.{j}" for j in range(n)] for k, n in enumerate(lengths)]
    units = units_from_beads(alignments, [hyps], refs)
    excluded = [item.text for item in units.excluded]
    scored = [word for text in units.hyps[0] for word in text.split()]
    assert sorted([*scored, *(t for t in excluded if t.startswith("h"))]) == sorted(hyps)
    for k, stream in enumerate(units.refs):
        words = [word for text in stream if text for word in text.split()]
        assert sorted([*words, *(t for t in excluded if t.startswith(f"r{k}."))]) == sorted(refs[k])
    assert all(any(stream[i] is not None for stream in units.refs) for i in range(len(units.seg_ids)))
