"""Segment scores of metrics that live elsewhere (COMET, BLEURT, human ratings), read from files.

Accepted: a number a line; `comet-score`'s printed lines ("FILE<tab>Segment 3<tab>score: 0.8412"); its
    `--to_json`
file (a list of segments a system, each with its score under the metric's name); TSV or JSONL with a column
named like the metric or "score". Such a metric's corpus score is the mean of its segment scores.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dragoman.errors import FormatError, InputError, MismatchError
from dragoman.eval.metrics import Statistics, mean_statistics
from dragoman.eval.results import InputFile

_COMET_LINE = re.compile(r"Segment\s+(\d+)\s+score:\s*(\S+)")
_ERROR_RATES = ("ter", "wer", "cer", "metricx", "mqm")  # lower is better


@dataclass(frozen=True, slots=True)
class ForeignScores:
    """One metric's segment scores of one system.

    Attributes:
        metric: name of the metric.
        values: a score a segment.
        file: where they come from.
    """

    metric: str
    values: tuple[float, ...]
    file: InputFile

    def statistics(self, n_units: int) -> Statistics:
        """Make statistics that stand beside sacreBLEU's.

        Raises:
            MismatchError: there are not as many scores as units.
        """
        if len(self.values) != n_units:
            raise MismatchError(
                f"{self.file.name}: {len(self.values)} {self.metric} scores for {n_units} scored units: "
                "segment scores need the same segments (mode segment)"
            )
        signature = f"file:{Path(self.file.name).name}|sha256:{self.file.sha256[:12]}|mean:segments"
        better = not self.metric.lower().startswith(_ERROR_RATES)
        return mean_statistics(self.metric, self.values, signature, higher_is_better=better)


def read_scores(metric: str, path: str | Path) -> ForeignScores:
    """Read one metric's segment scores of one system.

    Raises:
        InputError: the file cannot be read.
        FormatError: it holds something else than one finite number a segment.
    """
    name = str(path)
    try:
        data = Path(path).read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {name}: {error}") from error
    lines = [line for line in text.split("\n") if line.strip()]
    raw: Sequence[object]
    if text.lstrip().startswith(("{", "[")) and Path(path).suffix.lower() != ".jsonl":
        raw = _from_json(name, text, metric)
    elif any(_COMET_LINE.search(line) for line in lines[:2]):
        raw = _from_comet_lines(name, lines)
    elif Path(path).suffix.lower() in (".tsv", ".jsonl"):
        raw = _from_column(name, lines, metric)
    else:
        raw = lines
    values = tuple(_number(name, index, value) for index, value in enumerate(raw, 1))
    if not values:
        raise FormatError(f"{name}: no scores found")
    return ForeignScores(
        metric, values, InputFile("scores", name, hashlib.sha256(data).hexdigest(), len(values))
    )


def _from_comet_lines(name: str, lines: Sequence[str]) -> list[str]:
    found = [match for line in lines if (match := _COMET_LINE.search(line))]
    if [int(match[1]) for match in found] != list(range(len(found))):
        raise FormatError(f"{name}: segments are not numbered 0, 1, 2 …: expected the scores of one system")
    return [match[2] for match in found]


def _from_json(name: str, text: str, metric: str) -> list[object]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(f"{name}: not JSON ({error.msg})") from None
    if isinstance(value, dict):
        lists = [item for item in value.values() if isinstance(item, list)]
        if len(lists) != 1:
            raise FormatError(f"{name}: holds {len(lists)} systems, expected one a file")
        value = lists[0]
    return [_field(name, index, item, metric) for index, item in enumerate(value, 1)]


def _from_column(name: str, lines: Sequence[str], metric: str) -> list[object]:
    if name.lower().endswith(".jsonl"):
        return [_field(name, index, json.loads(line), metric) for index, line in enumerate(lines, 1)]
    header = lines[0].split("\t")
    rows = [dict(zip(header, line.split("\t"), strict=False)) for line in lines[1:]]
    return [_field(name, index, row, metric) for index, row in enumerate(rows, 2)]


def _field(name: str, index: int, item: object, metric: str) -> object:
    if not isinstance(item, Mapping):
        return item
    for key, value in item.items():
        if str(key).lower() in (metric.lower(), "score"):
            return value
    raise FormatError(f"{name}, entry {index}: no {metric} and no score in it")


def _number(name: str, index: int, value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        raise FormatError(f"{name}, line {index}: {str(value)[:40]!r} is not a number") from None
    if not math.isfinite(number):
        raise FormatError(f"{name}, line {index}: {value} is not a finite number")
    return number
