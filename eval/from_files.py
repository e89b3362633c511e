"""Score and compare files: reads the sides, names the systems, and hands them to `compare`."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dragoman.corpora.segmentation import split
from dragoman.errors import InputError
from dragoman.eval.breakdowns import words
from dragoman.eval.comparing import System, compare
from dragoman.eval.comparison import Comparison
from dragoman.eval.foreign_scores import ForeignScores, read_scores
from dragoman.eval.inputs import Side, Table, read_table
from dragoman.eval.results import Mode
from dragoman.eval.scoring import Checker, Options

_SEPARATORS = re.compile(r"(?<=[./_\-])|(?=[./_\-])")


@dataclass(frozen=True, slots=True)
class Inputs:
    """Files of one scoring job.

    Attributes:
        references: files, each with one reference or several columns of them.
        src: file of the source; taken from a table among the references when None.
        running: hypotheses and references are running text, to be cut into sentences (mode aligned).
    """

    references: Sequence[str]
    src: str | None = None
    running: bool = False


def compare_files(
    hypotheses: Sequence[str],
    inputs: Inputs,
    options: Options,
    *,
    modes: Sequence[Mode] = (Mode.SEGMENT,),
    names: Sequence[str] = (),
    scores: Sequence[str] = (),
    test: str = "bs",
    n_samples: int | None = None,
    training_text: str | None = None,
    check: Checker | None = None,
    title: str = "",
) -> list[Comparison]:
    """Score one system's file, or compare those of several, the first being the baseline.

    Args:
        hypotheses: files.
        inputs: references and source.
        options: metrics, tokeniser, seed.
        modes: how units are made, one comparison a mode; nothing compares across them.
        names: of the systems; made from the file names when empty.
        scores: "METRIC=FILE", as many of each metric as there are systems, in the systems' order.
        test: "bs", "ar", or "" for neither tests nor intervals.
        n_samples: resamples or trials.
        training_text: file whose words count as seen in training.
        check: QA checks.
        title: for the report.

    Raises:
        InputError: and its kinds, for files that cannot be read, are empty or do not fit each other.
    """
    if names and len(names) != len(hypotheses):
        raise InputError(f"{len(names)} names for {len(hypotheses)} systems")
    tables = [read_table(path) for path in hypotheses]
    outputs = [
        table.hypothesis(name) for table, name in zip(tables, names or short_names(hypotheses), strict=True)
    ]
    foreign = _foreign(scores, len(hypotheses))
    reference_tables = [read_table(path) for path in inputs.references]
    src = _source(inputs, [*reference_tables, *tables])
    training_words = _word_counts(training_text)
    notices = tuple(notice for table in (*tables, *reference_tables) for notice in table.notices)
    comparisons = []
    for mode in modes:
        systems, references = _sides(outputs, reference_tables, src, mode, inputs, options)
        comparison = compare(
            [System(output, found) for output, found in zip(systems, foreign, strict=True)],
            references,
            src,
            mode=mode,
            test=test,
            n_samples=n_samples,
            options=options,
            check=check,
            title=title,
            training_words=training_words,
        )
        comparisons.append(replace(comparison, notices=(*notices, *comparison.notices)))
    return comparisons


def short_names(paths: Sequence[str]) -> list[str]:
    """Name systems by what differs in their paths.

    >>> short_names(["out/dev.google.en", "out/dev.nllb.en"])
    ['google', 'nllb']
    """
    if len(paths) < 2 or len(set(paths)) != len(paths):
        return [Path(path).name or path for path in paths]
    parts = [_SEPARATORS.split(path) for path in paths]
    n_common = _n_shared(parts)
    ends = [list(reversed(part[n_common:])) for part in parts]
    n_end = _n_shared(ends)
    names = ["".join(part[n_common : len(part) - n_end]).strip("./_-") for part in parts]
    return names if all(names) and len(set(names)) == len(names) else list(paths)


def _n_shared(lists: Sequence[Sequence[str]]) -> int:
    """How many first items all lists share."""
    n_shared = 0
    for items in zip(*lists, strict=False):
        if len(set(items)) > 1:
            break
        n_shared += 1
    return n_shared


def in_sentences(side: Side, lang: str) -> Side:
    """Cut every line of a side into sentences; a side whose segments have ids is left as it is."""
    if side.seg_ids:
        return side
    cut = [split(text, lang) if text else [] for text in side.texts]
    texts = tuple(sentence for sentences in cut for sentence in sentences)
    doc_ids = (
        tuple(doc for doc, sentences in zip(side.doc_ids, cut, strict=True) for _ in sentences)
        if side.doc_ids
        else ()
    )
    return replace(side, texts=texts, doc_ids=doc_ids)


def _sides(
    outputs: Sequence[Side],
    tables: Sequence[Table],
    src: Side | None,
    mode: Mode,
    inputs: Inputs,
    options: Options,
) -> tuple[list[Side], list[Side]]:
    """Bring the sides into the segments that a mode expects."""
    systems = list(outputs)
    references = [side for table in tables for side in table.references()]
    if mode == Mode.ALIGNED:
        references = [in_sentences(side, options.tgt_lang) for side in references]
        if inputs.running and src is None:
            systems = [in_sentences(side, options.tgt_lang) for side in systems]
    return systems, references


def _source(inputs: Inputs, tables: Sequence[Table]) -> Side | None:
    if inputs.src is not None:
        return read_table(inputs.src).source()
    for table in tables:
        if table.columns != ("",) and (found := table.source()) is not None:
            return found
    return None


def _foreign(scores: Sequence[str], n_systems: int) -> list[tuple[ForeignScores, ...]]:
    by_metric: dict[str, list[ForeignScores]] = {}
    for item in scores:
        metric, separator, path = item.partition("=")
        if not separator or not metric or not path:
            raise InputError(f"--scores {item}: expected METRIC=FILE")
        by_metric.setdefault(metric, []).append(read_scores(metric, path))
    for metric, found in by_metric.items():
        if len(found) != n_systems:
            raise InputError(
                f"{len(found)} files of {metric} scores for {n_systems} systems: give one for each"
            )
    return [tuple(found[i] for found in by_metric.values()) for i in range(n_systems)]


def _word_counts(path: str | None) -> Counter[str] | None:
    if path is None:
        return None
    counts: Counter[str] = Counter()
    for row in read_table(path).rows:
        for text in row:
            counts.update(words(text or ""))
    return counts
