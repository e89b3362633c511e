"""Scores of one system: `score` for texts, `score_sides` for what was read, `score_beads` for an article.

Every way ends in a `ScoreReport`: corpus scores with signature, mode, coverage and interval, the scored
units with their own scores, what was excluded and what the checks of the input saw.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dragoman.errors import InputError, MismatchError
from dragoman.eval.bead_units import Units, units_from_beads
from dragoman.eval.input_checks import check_units
from dragoman.eval.inputs import Side
from dragoman.eval.metrics import DEFAULT_METRICS, SacreMetric, Statistics
from dragoman.eval.modes import make_units
from dragoman.eval.results import InputFile, Mode, ScoreReport, SegmentRow
from dragoman.eval.significance import SEED, bootstrap_counts, interval, resampled_scores
from dragoman.units import Bead, Flag, Notice, Severity

Checker = Callable[[str, str], tuple[Flag, ...]]
"""QA checks on a pair (source, hypothesis), for instance `dragoman.translate.qa`'s."""


@dataclass(frozen=True, slots=True)
class Options:
    """How scores are taken.

    Attributes:
        metrics: of `dragoman.eval.metrics.METRICS`, in the order in which they are shown.
        tokenize: BLEU's tokeniser.
        lowercase: fold case in BLEU and chrF.
        n_bootstrap: resamples behind the confidence intervals; 0 for none.
        seed: of the resampling.
        src_lang: BCP 47 code of the source.
        tgt_lang: BCP 47 code of hypotheses and references.
    """

    metrics: tuple[str, ...] = DEFAULT_METRICS
    tokenize: str = "13a"
    lowercase: bool = False
    n_bootstrap: int = 1000
    seed: int = SEED
    src_lang: str = "ar"
    tgt_lang: str = "en"


_DEFAULTS = Options()


def score(
    hypotheses: Sequence[str],
    references: Sequence[str] | Sequence[Sequence[str]],
    *,
    src: Sequence[str] | None = None,
    mode: Mode | str = Mode.SEGMENT,
    doc_ids: Sequence[str] = (),
    options: Options = _DEFAULTS,
    system: str = "",
) -> ScoreReport:
    """Score one system's output.

    Args:
        hypotheses: its segments.
        references: one reference (a sequence of strings) or several (a sequence of such sequences).
        src: the source, where there is one.
        mode: how hypotheses and references are brought together; in every mode but "document" and
            "resegmented" the source has the hypotheses' segments.
        doc_ids: the document of each segment, where hypotheses and all references have the same segments.
        options: metrics, tokeniser, resampling.
        system: its name.

    Raises:
        MismatchError: the sides do not have the same segments or documents.
        NoTextError: there is nothing to score.
        LanguageError: a side is in the wrong script.

    >>> report = score(["The cat sat on the mat."], ["The cat sat on the mat."])
    >>> print(report.metric("BLEU").line(1).split(" = ")[1][:5])
    100.0
    """
    ids = tuple(doc_ids)
    return score_sides(
        Side(system or "the hypotheses", tuple(hypotheses), ids),
        [Side(f"reference {i + 1}", tuple(stream), ids) for i, stream in enumerate(_streams(references))],
        None if src is None else Side("the source", tuple(src), ids),
        mode=Mode(mode),
        options=options,
        system=system,
    )


def _streams(references: Sequence[str] | Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """One reference stands for a list of one."""
    single = [text for text in references if isinstance(text, str)]
    if len(single) == len(references):
        return [tuple(single)]
    return [tuple(stream) for stream in references if not isinstance(stream, str)]


def score_sides(
    hypothesis: Side,
    references: Sequence[Side],
    src: Side | None = None,
    *,
    mode: Mode = Mode.SEGMENT,
    options: Options = _DEFAULTS,
    system: str | None = None,
    check: Checker | None = None,
) -> ScoreReport:
    """Score one system's output as read from files; see `score`."""
    units = make_units(mode, [hypothesis], references, src)
    files = [
        side.file for side in (hypothesis, *references, src) if side is not None and side.file is not None
    ]
    return score_units(
        units, hypothesis.name if system is None else system, options, files=files, check=check
    )


def score_beads(
    beads: Sequence[Sequence[Bead]],
    hypotheses: Sequence[str],
    references: Sequence[Sequence[str]],
    *,
    src: Sequence[str] | None = None,
    options: Options = _DEFAULTS,
    system: str = "",
) -> ScoreReport:
    """Score an article's translation against references of any segmentation, aligned already.

    Args:
        beads: for each reference its beads between source segments and its sentences.
        hypotheses: one a source segment.
        references: for each reference its sentences.
        src: source segments.
        options: metrics, tokeniser, resampling.
        system: name of the system.

    Returns:
        A report of mode "aligned"; `dragoman.eval.bead_units` says how several references come together.

    Raises:
        MismatchError: beads, hypotheses and references do not fit each other.
        NoTextError: no bead has both sides.
    """
    if len(beads) != len(references):
        raise MismatchError(f"{len(beads)} alignments for {len(references)} references")
    units = units_from_beads(beads, [hypotheses], references, src)
    return score_units(units, system, options)


def score_units(
    units: Units,
    system: str,
    options: Options = _DEFAULTS,
    *,
    files: Sequence[InputFile] = (),
    check: Checker | None = None,
) -> ScoreReport:
    """Score one system over units; the first system of the units is taken."""
    notices = check_units(
        units, [system], src_lang=options.src_lang, tgt_lang=options.tgt_lang, lowercase=options.lowercase
    )
    notices += left_out(units.mode, options.metrics)
    measured = measure(units, options)[0]
    counts = None
    n_units = len(units.seg_ids)
    if options.n_bootstrap > 0 and n_units > 1:
        counts = bootstrap_counts(n_units, options.n_bootstrap, options.seed)
    metrics = []
    for statistics in measured:
        if counts is None:
            metrics.append(statistics.score(units.mode, units.coverage))
            continue
        spread = interval(resampled_scores(statistics, counts), options.seed)
        signed = statistics.signed(bs=options.n_bootstrap, seed=options.seed)
        metrics.append(signed.score(units.mode, units.coverage, spread))
    return ScoreReport(
        system=system,
        metrics=tuple(metrics),
        segments=rows_of(units, 0, measured, check),
        excluded=units.excluded,
        notices=notices,
        inputs=tuple(files),
        data_digest=digest_of(units),
    )


def measure(units: Units, options: Options = _DEFAULTS) -> list[list[Statistics]]:
    """Extract the statistics of every system (outer) on every metric (inner).

    Raises:
        InputError: TER is the only metric asked for in document mode.
    """
    names = metrics_for(units.mode, options.metrics)
    metrics = [
        SacreMetric(name, units.refs, tokenize=options.tokenize, lowercase=options.lowercase)
        for name in names
    ]
    by_metric = [metric.measure_all(units.hyps) for metric in metrics]
    return [list(of_system) for of_system in zip(*by_metric, strict=True)]


def metrics_for(mode: Mode, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the metrics that a mode can have.

    TER searches for moved blocks in time that grows with the cube of a segment's length and ignores moves
    beyond 50 words (Tercom's limit), so it has no meaning on whole documents and is left out there.
    """
    names = tuple(name for name in asked if name != "ter" or mode != Mode.DOCUMENT)
    if not names:
        raise InputError("TER is not defined on whole documents: choose another metric or another mode")
    return names


def left_out(mode: Mode, asked: Sequence[str]) -> tuple[Notice, ...]:
    """Say which metrics the mode cannot have."""
    missing = [name.upper() for name in asked if name not in metrics_for(mode, asked)]
    message = f"{', '.join(missing)}: not computed in {mode} mode (its block moves have no meaning there)"
    return (Notice("metric-left-out", message, Severity.INFO),) if missing else ()


def rows_of(
    units: Units, system: int, measured: Sequence[Statistics], check: Checker | None = None
) -> tuple[SegmentRow, ...]:
    """Make the rows of one system, with the unit scores of its statistics."""
    unit_scores = [statistics.unit_scores() for statistics in measured]
    return tuple(
        SegmentRow(
            index=i,
            doc_id=units.doc_ids[i],
            seg_id=units.seg_ids[i],
            src=units.src[i],
            refs=tuple(stream[i] for stream in units.refs),
            hyp=hyp,
            scores=tuple(float(scores[i]) for scores in unit_scores),
            flags=check(units.src[i], hyp) if check is not None and units.src[i] else (),
        )
        for i, hyp in enumerate(units.hyps[system])
    )


def digest_of(units: Units) -> str:
    """Digest of what the hypotheses are held against: sources and references, unit by unit."""
    digest = hashlib.sha256()
    for i, src in enumerate(units.src):
        for text in (src, *(stream[i] for stream in units.refs)):
            # A missing reference and an empty one are two things; neither separator occurs in a line of text.
            digest.update(b"\0" if text is None else text.encode("utf-8", "surrogatepass"))
            digest.update(b"\n")
    return digest.hexdigest()
