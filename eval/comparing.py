"""Compare systems: one set of units, one draw of random numbers, all scores from the same counts."""

import importlib.metadata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.errors import InputError, MismatchError
from dragoman.eval.bead_units import Units
from dragoman.eval.breakdowns import (
    document_breakdown,
    length_breakdown,
    number_name_breakdown,
    rare_word_breakdown,
)
from dragoman.eval.comparison import Breakdown, Comparison, PairedResult, SystemResult
from dragoman.eval.correlation import correlations
from dragoman.eval.foreign_scores import ForeignScores
from dragoman.eval.input_checks import check_units
from dragoman.eval.inputs import Side
from dragoman.eval.metrics import Statistics
from dragoman.eval.modes import make_units
from dragoman.eval.ngrams import ngram_differences
from dragoman.eval.results import Mode, ScoreReport, SegmentRow
from dragoman.eval.scoring import Checker, Options, digest_of, left_out, measure, rows_of
from dragoman.eval.significance import PairedTest, significance_groups
from dragoman.units import Notice, Severity

_PACKAGES = ("dragoman", "sacrebleu", "numpy")
_DEFAULTS = Options()


@dataclass(frozen=True, slots=True)
class System:
    """One system to compare.

    Attributes:
        output: its hypotheses; `output.name` is its name.
        foreign: segment scores of other metrics, the same metrics for every system.
        settings: what is known about how the output was made.
    """

    output: Side
    foreign: tuple[ForeignScores, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()


def compare(
    systems: Sequence[System],
    references: Sequence[Side],
    src: Side | None = None,
    *,
    mode: Mode = Mode.SEGMENT,
    test: str = "bs",
    n_samples: int | None = None,
    options: Options = _DEFAULTS,
    check: Checker | None = None,
    title: str = "",
    training_words: Counter[str] | None = None,
) -> Comparison:
    """Score systems on the same units and test each against the first.

    Args:
        systems: the baseline first.
        references: one or more.
        src: the source, where there is one.
        mode: how units are made; in mode aligned all systems are aligned together, so that they share the
            units.
        test: "bs" (paired bootstrap), "ar" (approximate randomisation), "" for neither tests nor intervals.
        n_samples: resamples or trials, sacreBLEU's default when None.
        options: metrics, tokeniser, seed.
        check: QA checks on (source, hypothesis).
        title: for the report.
        training_words: word counts of the training data, for the rare-word breakdown.

    Raises:
        MismatchError: the systems do not have the same segments, documents or foreign metrics.
        InputError: two systems have the same name.
    """
    names = [system.output.name for system in systems]
    if len(set(names)) != len(names):
        raise InputError(f"two systems have the same name ({', '.join(names)}): give them names")
    units = make_units(mode, [system.output for system in systems], references, src)
    notices = check_units(
        units, names, src_lang=options.src_lang, tgt_lang=options.tgt_lang, lowercase=options.lowercase
    )
    measured = [
        [*own, *_foreign(system, systems[0], len(units.seg_ids))]
        for own, system in zip(measure(units, options), systems, strict=True)
    ]
    n_units = len(units.seg_ids)
    paired = PairedTest(test, n_units, n_samples, options.seed) if test and n_units > 1 else None
    reports = [
        _report(i, units, measured[i], names, system, paired, check) for i, system in enumerate(systems)
    ]
    groups = _groups(measured, paired)
    files = [side.file for side in (*references, src) if side is not None and side.file is not None]
    results = tuple(
        SystemResult(
            name=name,
            report=report,
            paired=_paired(measured[0], measured[i], paired) if i else (),
            ranks=tuple(group[i] for group in groups),
            flag_counts=_flag_counts(report.segments),
            settings=systems[i].settings,
        )
        for i, (name, report) in enumerate(zip(names, reports, strict=True))
    )
    unit_scores = [[statistics.unit_scores() for statistics in of_system] for of_system in measured]
    metric_names = tuple(statistics.name for statistics in measured[0])
    return Comparison(
        title=title or (f"{len(systems)} systems" if len(systems) > 1 else names[0]),
        metric_names=metric_names,
        higher_is_better=tuple(statistics.higher_is_better for statistics in measured[0]),
        systems=results,
        test=paired.kind if paired is not None and len(systems) > 1 else "",
        n_samples=paired.n_samples if paired is not None else 0,
        seed=options.seed,
        breakdowns=_breakdowns(units, measured, training_words),
        ngrams=ngram_differences(units, names),
        correlations=correlations(names, metric_names, unit_scores),
        excluded=units.excluded,
        notices=(
            *notices,
            *left_out(units.mode, options.metrics),
            *(_small_sample(n_units) if paired is not None else ()),
        ),
        inputs=tuple(file for report in reports for file in report.inputs) + tuple(files),
        versions=tuple((package, importlib.metadata.version(package)) for package in _PACKAGES),
        src_lang=options.src_lang,
        tgt_lang=options.tgt_lang,
    )


def _report(
    index: int,
    units: Units,
    measured: Sequence[Statistics],
    names: Sequence[str],
    system: System,
    paired: PairedTest | None,
    check: Checker | None,
) -> ScoreReport:
    metrics = []
    for statistics in measured:
        if paired is None:
            metrics.append(statistics.score(units.mode, units.coverage))
            continue
        signed = statistics.signed(**paired.signature_options())
        metrics.append(signed.score(units.mode, units.coverage, paired.interval(statistics)))
    files = [system.output.file, *(foreign.file for foreign in system.foreign)]
    return ScoreReport(
        system=names[index],
        metrics=tuple(metrics),
        segments=rows_of(units, index, measured, check),
        excluded=units.excluded,
        inputs=tuple(file for file in files if file is not None),
        data_digest=digest_of(units),
    )


def _foreign(system: System, baseline: System, n_units: int) -> list[Statistics]:
    wanted, found = ([foreign.metric for foreign in each.foreign] for each in (baseline, system))
    if wanted != found:
        raise MismatchError(
            f"{system.output.name} has scores of {', '.join(found) or 'no other metric'}, "
            f"{baseline.output.name} of {', '.join(wanted) or 'none'}: give the same metrics for every system"
        )
    return [foreign.statistics(n_units) for foreign in system.foreign]


def _paired(
    baseline: Sequence[Statistics], system: Sequence[Statistics], test: PairedTest | None
) -> tuple[PairedResult, ...]:
    if test is None:
        return ()
    return tuple(
        PairedResult(theirs.name, theirs.corpus - ours.corpus, test.p_value(ours, theirs))
        for ours, theirs in zip(baseline, system, strict=True)
    )


def _groups(measured: Sequence[Sequence[Statistics]], test: PairedTest | None) -> list[list[int]]:
    """Significance group of every system (inner) on every metric (outer)."""
    if test is None or len(measured) < 2:
        return []
    groups = []
    for metric in range(len(measured[0])):
        column = [system[metric] for system in measured]
        # Equal scores are no difference, whatever p-value the test gives to none.
        table = [[1.0 if a.corpus == b.corpus else test.p_value(a, b) for b in column] for a in column]
        sign = -1 if column[0].higher_is_better else 1
        order = sorted(range(len(column)), key=lambda i: (sign * column[i].corpus, i))
        groups.append(significance_groups(table, order))
    return groups


def _flag_counts(rows: Sequence[SegmentRow]) -> tuple[tuple[str, str, int], ...]:
    counts = Counter(key for row in rows for key in {(flag.kind, str(flag.severity)) for flag in row.flags})
    return tuple(
        (kind, severity, n) for (kind, severity), n in sorted(counts.items(), key=lambda c: (-c[1], c[0]))
    )


def _breakdowns(
    units: Units, measured: Sequence[Sequence[Statistics]], training_words: Counter[str] | None
) -> tuple[Breakdown, ...]:
    found = (
        length_breakdown(units, measured),
        document_breakdown(units, measured),
        rare_word_breakdown(units, training_words),
        number_name_breakdown(units),
    )
    return tuple(breakdown for breakdown in found if breakdown is not None)


def _small_sample(n_units: int) -> tuple[Notice, ...]:
    """Say where there is too little to resample (Koehn 2004 works with 100 sentences and more)."""
    if n_units >= 100:
        return ()
    return (Notice("small-sample", f"{n_units} units: tests on fewer than 100 are rough", Severity.INFO),)
