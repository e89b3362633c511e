"""From hypotheses and references to the units that are scored, in one of four modes.

- segment: line i of every side is unit i (or the same document and segment id on every side).
- aligned: the references' own sentences are aligned with the source through the hypotheses; a unit is a group
  of source segments that no reference cuts, and the sentences that each reference has for it
  (`dragoman.eval.bead_units`).
- document: a document is one unit.
- resegmented: the hypothesis' words are cut to the references' segments (`dragoman.eval.resegmentation`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from dragoman.corpora.alignment import align
from dragoman.errors import MismatchError, NoTextError
from dragoman.eval.bead_units import Units, check_same_lengths, units_from_beads
from dragoman.eval.inputs import Side
from dragoman.eval.resegmentation import resegment
from dragoman.eval.results import Coverage, Excluded, Mode, Share


def make_units(mode: Mode, hyps: Sequence[Side], refs: Sequence[Side], src: Side | None = None) -> Units:
    """Bring systems, references and source into units.

    Args:
        mode: how.
        hyps: one entry a system, all with the same segments except in document and resegmented mode.
        refs: one entry a reference.
        src: the source, in the hypotheses' segments (segment, aligned) or the references' (resegmented).

    Raises:
        MismatchError: sides that must have the same segments or documents do not; the message says which.
        NoTextError: nothing is left to score.
    """
    if not refs:
        raise MismatchError("scoring needs at least one reference")
    units = _MAKERS[mode](hyps, refs, src)
    if not units.seg_ids:
        raise NoTextError("nothing is left to score: no unit has both a hypothesis and a reference")
    return units


def _segment_units(hyps: Sequence[Side], refs: Sequence[Side], src: Side | None) -> Units:
    sides = [*hyps, *refs, *([src] if src is not None else [])]
    if all(side.seg_ids for side in [*hyps, *refs]):
        sides = [_ordered_by_id(side, refs[0]) if side.seg_ids else side for side in sides]
    check_same_lengths([(side.name, len(side.texts)) for side in sides])
    systems, references = sides[: len(hyps)], sides[len(hyps) : len(hyps) + len(refs)]
    named = next((side for side in [*references, *systems, *sides] if side.seg_ids), None)
    by_document = next((side for side in [*references, *systems, *sides] if side.doc_ids), None)
    n_given = len(references[0].texts)
    kept = [i for i in range(n_given) if any(reference.texts[i] is not None for reference in references)]
    source = sides[-1] if src is not None else None
    return Units(
        mode=Mode.SEGMENT,
        hyps=tuple(tuple(side.texts[i] or "" for i in kept) for side in systems),
        refs=tuple(tuple(side.texts[i] for i in kept) for side in references),
        src=tuple((source.texts[i] or "") if source else "" for i in kept),
        doc_ids=tuple(by_document.doc_ids[i] if by_document else "" for i in kept),
        seg_ids=tuple(named.seg_ids[i] if named else str(i + 1) for i in kept),
        coverage=Coverage(
            len(kept),
            Share(len(kept), n_given),
            tuple(Share(n, n) for n in (n_given - side.texts.count(None) for side in references)),
        ),
        excluded=tuple(
            Excluded(
                "hypothesis",
                references[0].where(i),
                "no reference for this segment",
                systems[0].texts[i] or "",
            )
            for i in range(n_given)
            if i not in set(kept)
        ),
    )


def _ordered_by_id(side: Side, model: Side) -> Side:
    """Put a side into the order of the first reference's identifiers."""
    wanted, found = _keys(model), _keys(side)
    position = {key: i for i, key in enumerate(found)}
    missing = [key for key in wanted if key not in position]
    if missing:
        raise MismatchError(
            f"{side.name} lacks {len(missing)} of the segments of {model.name}, "
            f"the first is {_named(missing[0])}"
        )
    if len(found) > len(wanted):
        known = set(wanted)
        extra = next(key for key in found if key not in known)
        raise MismatchError(f"{side.name} has segments that {model.name} lacks, the first is {_named(extra)}")
    order = [position[key] for key in wanted]
    return Side(
        side.name,
        tuple(side.texts[i] for i in order),
        tuple(side.doc_ids[i] for i in order) if side.doc_ids else (),
        tuple(side.seg_ids[i] for i in order),
        side.file,
    )


def _keys(side: Side) -> list[tuple[str, str]]:
    documents = side.doc_ids or ("",) * len(side.texts)
    keys = list(zip(documents, side.seg_ids, strict=True))
    twice, times = Counter(keys).most_common(1)[0] if keys else (("", ""), 0)
    if times > 1:
        raise MismatchError(f"{side.name}: {_named(twice)} occurs twice")
    return keys


def _named(key: tuple[str, str]) -> str:
    return f"document {key[0]}, segment {key[1]}" if key[0] else f"segment {key[1]}"


def _document_units(hyps: Sequence[Side], refs: Sequence[Side], src: Side | None) -> Units:
    documents = _documents([*hyps, *refs])
    sources = _source_documents(src, documents)
    return Units(
        mode=Mode.DOCUMENT,
        hyps=tuple(tuple(" ".join(d[number]) for d in documents.values()) for number in range(len(hyps))),
        refs=tuple(
            tuple(" ".join(d[len(hyps) + number]) for d in documents.values()) for number in range(len(refs))
        ),
        src=tuple(" ".join(sources.get(name, ())) for name in documents),
        doc_ids=tuple(documents),
        seg_ids=tuple(name or "document" for name in documents),
        coverage=_full_coverage(len(documents), hyps, refs),
    )


def _resegmented_units(hyps: Sequence[Side], refs: Sequence[Side], src: Side | None) -> Units:
    documents = _documents([*hyps, *refs])
    sources = _source_documents(src, documents)
    parts: list[Units] = []
    for name, sides in documents.items():
        systems, references = sides[: len(hyps)], list(sides[len(hyps) :])
        n_segments = len(references[0])
        # References in another segmentation are brought into the first one's in the same way.
        streams = [r if len(r) == n_segments else resegment(r, [references[0]]) for r in references]
        source = sources.get(name, ())
        parts.append(
            Units(
                mode=Mode.RESEGMENTED,
                hyps=tuple(tuple(resegment(system, streams)) for system in systems),
                refs=tuple(tuple(stream) for stream in streams),
                src=tuple(source) if len(source) == n_segments else ("",) * n_segments,
                doc_ids=(name,) * n_segments,
                seg_ids=tuple(str(i + 1) for i in range(n_segments)),
                coverage=_full_coverage(n_segments, hyps, refs),
            )
        )
    n_units = sum(len(part.seg_ids) for part in parts)
    return _joined(parts, _full_coverage(n_units, hyps, refs))


def _aligned_units(hyps: Sequence[Side], refs: Sequence[Side], src: Side | None) -> Units:
    sides = [*hyps, *([src] if src is not None else [])]
    check_same_lengths([(side.name, len(side.texts)) for side in sides])
    documents = _documents([*hyps, *refs])
    sources = _source_documents(src, documents)
    parts = []
    for name, texts in documents.items():
        systems, references = texts[: len(hyps)], texts[len(hyps) :]
        check_same_lengths([(f"{hyps[i].name}, document {name}", len(s)) for i, s in enumerate(systems)])
        source = sources.get(name)
        # All systems' hypotheses together say what the source means, so that all meet the same units.
        meanings: Sequence[Sequence[str]] = list(zip(*systems, strict=True))
        beads = [align(source or systems[0], reference, mt=meanings) for reference in references]
        parts.append(units_from_beads(beads, systems, references, source, name))
    coverage = Coverage(
        sum(part.coverage.n_units for part in parts),
        _sum([part.coverage.hypothesis for part in parts]),
        tuple(_sum([part.coverage.references[i] for part in parts]) for i in range(len(refs))),
    )
    return _joined(parts, coverage)


def _documents(sides: Sequence[Side]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Each document's segments on each side, in the order of the last reference.

    Raises:
        MismatchError: the sides do not have the same documents.
    """
    if not any(side.doc_ids for side in sides):
        return {"": tuple(tuple(text or "" for text in side.texts) for side in sides)}
    split = [_by_document(side) for side in sides]
    for side, found in zip(sides, split, strict=True):
        if missing := [name for name in split[-1] if name not in found]:
            raise MismatchError(
                f"{side.name} lacks {len(missing)} documents of {sides[-1].name}: {missing[0]!r} …"
            )
        if extra := [name for name in found if name not in split[-1]]:
            raise MismatchError(
                f"{side.name} has {len(extra)} documents that {sides[-1].name} lacks: {extra[0]!r} …"
            )
    return {name: tuple(found[name] for found in split) for name in split[-1]}


def _by_document(side: Side) -> dict[str, tuple[str, ...]]:
    documents: dict[str, list[str]] = {}
    for index, text in enumerate(side.texts):
        documents.setdefault(side.doc_ids[index] if side.doc_ids else "", []).append(text or "")
    return {name: tuple(texts) for name, texts in documents.items()}


def _source_documents(src: Side | None, documents: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    if src is None:
        return {}
    found = _by_document(src)
    if set(found) != set(documents):
        raise MismatchError(f"the documents of {src.name} are not those of the references")
    return found


def _full_coverage(n_units: int, hyps: Sequence[Side], refs: Sequence[Side]) -> Coverage:
    n_hyp = len(hyps[0].texts)
    return Coverage(n_units, Share(n_hyp, n_hyp), tuple(Share(len(r.texts), len(r.texts)) for r in refs))


def _sum(shares: Sequence[Share]) -> Share:
    return Share(sum(share.covered for share in shares), sum(share.total for share in shares))


def _joined(parts: Sequence[Units], coverage: Coverage) -> Units:
    """Put the units of several documents into one sequence."""
    return Units(
        mode=parts[0].mode,
        hyps=tuple(tuple(t for part in parts for t in part.hyps[i]) for i in range(len(parts[0].hyps))),
        refs=tuple(tuple(t for part in parts for t in part.refs[i]) for i in range(len(parts[0].refs))),
        src=tuple(text for part in parts for text in part.src),
        doc_ids=tuple(name for part in parts for name in part.doc_ids),
        seg_ids=tuple(name for part in parts for name in part.seg_ids),
        coverage=coverage,
        excluded=tuple(item for part in parts for item in part.excluded),
    )


_MAKERS = {
    Mode.SEGMENT: _segment_units,
    Mode.ALIGNED: _aligned_units,
    Mode.DOCUMENT: _document_units,
    Mode.RESEGMENTED: _resegmented_units,
}
