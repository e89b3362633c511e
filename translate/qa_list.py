"""The risk-ranked list of doubtful translations, for reading, for spreadsheets and for programs."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from dragoman.corpora.normalisation import drop_bidi_controls, drop_controls
from dragoman.translate.qa import Finding
from dragoman.units import Severity

_COLUMNS = ("rank", "risk", "number", "id", "document", "flags", "source", "target")
_ISOLATE, _END_ISOLATE = "\u2067", "\u2069"  # RIGHT-TO-LEFT ISOLATE, POP DIRECTIONAL ISOLATE


def write_findings(findings: Sequence[Finding], stream: TextIO, *, output: str) -> None:
    """Write findings in their order.

    Args:
        findings: as `check_bitext` returns them.
        stream: for text.
        output: "text" (a block a unit, bidirectional text isolated), "tsv" with a header, or "json" (one
            array).
    """
    if output == "json":
        json.dump(
            [_as_object(rank, finding) for rank, finding in enumerate(findings, 1)],
            stream,
            ensure_ascii=False,
        )
        stream.write("\n")
        return
    if output == "tsv":
        stream.write("\t".join(_COLUMNS) + "\n")
        for rank, finding in enumerate(findings, 1):
            stream.write("\t".join(_one_line(cell) for cell in _cells(rank, finding)) + "\n")
        return
    for finding in findings:
        unit = finding.unit
        where = " ".join(
            filter(None, (unit.document, f"#{finding.index + 1}", unit.unit_id and f"({unit.unit_id})"))
        )
        stream.write(f"{_one_line(where)}  risk {finding.risk:.0f}\n")
        for flag in unit.flags:
            stream.write(f"  {flag.severity.value} {flag.kind}: {_shown(flag.message)}\n")
        stream.write(f"  target: {_shown(unit.tgt)}\n")
        stream.write(f"  source: {_ISOLATE}{_shown(unit.src)}{_END_ISOLATE}\n")


def summary(findings: Sequence[Finding], n_units: int) -> str:
    """Return one line: how many units, how many with errors and warnings, and of which kinds."""
    kinds = Counter(
        flag.kind for finding in findings for flag in finding.unit.flags if flag.severity != "info"
    )
    n_errors = sum(finding.has_error for finding in findings)
    listed = ", ".join(f"{kind} {n}" for kind, n in kinds.most_common())
    counts = f"{n_units} units, {n_errors} with errors, {len(findings) - n_errors} with warnings only"
    return f"{counts}: {listed}" if listed else counts


def has_severity(findings: Sequence[Finding], least: str) -> bool:
    """Tell whether a flag is at least "error" or "warning"; "never" is never reached."""
    wanted = {"error": {Severity.ERROR}, "warning": {Severity.ERROR, Severity.WARNING}}.get(least, set())
    return any(flag.severity in wanted for finding in findings for flag in finding.unit.flags)


def _cells(rank: int, finding: Finding) -> tuple[str, ...]:
    unit = finding.unit
    flags = " | ".join(f"{flag.severity.value} {flag.kind}: {flag.message}" for flag in unit.flags)
    number = str(finding.index + 1)
    return str(rank), f"{finding.risk:.1f}", number, unit.unit_id, unit.document, flags, unit.src, unit.tgt


def _as_object(rank: int, finding: Finding) -> dict[str, object]:
    unit = finding.unit
    return {
        "rank": rank,
        "risk": round(finding.risk, 1),
        "number": finding.index + 1,
        "id": unit.unit_id,
        "document": unit.document,
        "flags": [{"kind": f.kind, "severity": f.severity.value, "message": f.message} for f in unit.flags],
        "source": unit.src,
        "target": unit.tgt,
    }


def _one_line(text: str) -> str:
    return re.sub(r"[\t\r\n]+", " ", text)


def _shown(text: str) -> str:
    """Return text that a terminal may be given: no control characters, nothing that reorders the line."""
    return _one_line(drop_bidi_controls(drop_controls(text)))
