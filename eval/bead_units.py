"""Units of aligned mode: groups of source segments with what each reference has for them.

Each reference of an article has its own segmentation and so its own beads. Two source segments belong to
one unit when some reference has them in one bead; a unit is then a connected group over all references: the
finest cut of the source that is common to all of them. A reference counts for a unit only when it has a
translation for every source segment of it. A unit without any such reference is excluded, and so are
sentences of a reference that translate nothing in the source; both are listed, and coverage says how much
is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dragoman.errors import MismatchError
from dragoman.eval.results import Coverage, Excluded, Mode, Share
from dragoman.units import Bead


@dataclass(frozen=True, slots=True)
class Units:
    """What is scored: unit i is entry i of every field.

    Attributes:
        mode: how the units were made.
        hyps: for each system its hypotheses.
        refs: for each reference its texts; None where it does not cover a unit.
        src: source texts ("" when there is no source).
        doc_ids: documents ("" when there are none).
        seg_ids: identifiers for people.
        coverage: how much of the input the units hold.
        excluded: the rest of it.
    """

    mode: Mode
    hyps: tuple[tuple[str, ...], ...]
    refs: tuple[tuple[str | None, ...], ...]
    src: tuple[str, ...]
    doc_ids: tuple[str, ...]
    seg_ids: tuple[str, ...]
    coverage: Coverage
    excluded: tuple[Excluded, ...] = ()


def units_from_beads(
    beads: Sequence[Sequence[Bead]],
    hyps: Sequence[Sequence[str]],
    refs: Sequence[Sequence[str]],
    src: Sequence[str] | None = None,
    doc_id: str = "",
) -> Units:
    """Make the units of one document in aligned mode from alignments that are there already.

    Args:
        beads: for each reference the beads between source segments and its sentences.
        hyps: for each system a hypothesis a source segment.
        refs: for each reference its sentences.
        src: source segments.
        doc_id: the document's name.
    """
    n_src = len(hyps[0])
    check_same_lengths(
        [("hypotheses", len(h)) for h in hyps] + ([("source segments", len(src))] if src is not None else [])
    )
    covering = [_covering(found, n_src, len(reference)) for found, reference in zip(beads, refs, strict=True)]
    groups = [
        group
        for group in _common_groups(beads, n_src)
        if any(all(index in covered for index in group) for covered in covering)
    ]
    used: list[set[int]] = [set() for _ in refs]
    texts: list[list[str | None]] = [[] for _ in refs]
    for group in groups:
        for number, (covered, reference) in enumerate(zip(covering, refs, strict=True)):
            if not all(index in covered for index in group):
                texts[number].append(None)
                continue
            sentences = dict.fromkeys(j for index in group for j in covered[index])
            used[number].update(sentences)
            texts[number].append(" ".join(reference[j] for j in sentences))
    scored = {index for group in groups for index in group}
    excluded = [
        Excluded("hypothesis", _place(doc_id, i), "no reference translates this segment", hyps[0][i])
        for i in range(n_src)
        if i not in scored
    ]
    for number, reference in enumerate(refs):
        excluded += [
            Excluded(
                f"reference {number + 1}",
                _place(doc_id, j),
                "not aligned with a scored segment",
                reference[j],
            )
            for j in range(len(reference))
            if j not in used[number]
        ]
    return Units(
        mode=Mode.ALIGNED,
        hyps=tuple(tuple(" ".join(hyp[i] for i in group) for group in groups) for hyp in hyps),
        refs=tuple(tuple(stream) for stream in texts),
        src=tuple(" ".join(src[i] for i in group) if src is not None else "" for group in groups),
        doc_ids=(doc_id,) * len(groups),
        seg_ids=tuple(_span(group) for group in groups),
        coverage=Coverage(
            len(groups),
            Share(len(scored), n_src),
            tuple(Share(len(u), len(reference)) for u, reference in zip(used, refs, strict=True)),
        ),
        excluded=tuple(excluded),
    )


def _common_groups(beads: Sequence[Sequence[Bead]], n_src: int) -> list[range]:
    """Cut the source as finely as no reference's bead is cut; beads are ranges, so groups are too."""
    joined = [False] * (n_src + 1)  # joined[i]: segments i-1 and i are in one bead of some reference
    for found in beads:
        for bead in found:
            for index in range(bead.src.start + 1, bead.src.stop):
                joined[index] = True
    edges = [i for i in range(n_src + 1) if i in (0, n_src) or not joined[i]]
    return [range(start, end) for start, end in pairwise(edges)]


def _covering(beads: Sequence[Bead], n_src: int, n_ref: int) -> dict[int, range]:
    """Reference sentences of each source segment that has any."""
    covered: dict[int, range] = {}
    for bead in beads:
        if bead.src and bead.tgt:
            if bead.src.stop > n_src or bead.tgt.stop > n_ref:
                raise MismatchError(
                    f"bead {bead.src}:{bead.tgt} leaves the texts of {n_src} and {n_ref} segments"
                )
            covered.update(dict.fromkeys(bead.src, bead.tgt))
    return covered


def check_same_lengths(lengths: Sequence[tuple[str, int]]) -> None:
    """Refuse sides with different numbers of segments.

    Args:
        lengths: (name of the side, its segments).

    Raises:
        MismatchError: they differ; the message names them all.
    """
    if len({n for _, n in lengths}) > 1:
        shown = ", ".join(f"{name}: {n}" for name, n in lengths)
        raise MismatchError(
            f"the sides have different numbers of segments ({shown}): nothing is cut short; "
            "give the same segments, or take mode aligned, document or resegmented"
        )


def _place(doc_id: str, index: int) -> str:
    return f"document {doc_id}, segment {index + 1}" if doc_id else f"segment {index + 1}"


def _span(group: range) -> str:
    return str(group.start + 1) if len(group) == 1 else f"{group.start + 1}-{group.stop}"
