r"""Bitexts as TSV and JSONL: a unit a line, for spreadsheets, scripts and training.

Our TSV has a header line and all columns; in it "\t", "\n", "\r" and "\\" are written as two characters. A
TSV without that header is read as it is, source in the first column and target in the second. JSONL lines
hold `src` and `tgt`, and of the rest what is known; names that other tools use for the two sides are read
too.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from dragoman.corpora.provenance import flag_from_text, flag_to_text, score_from_text
from dragoman.errors import FormatError
from dragoman.units import Bitext, Flag, Severity, TranslationUnit

_COLUMNS = ("id", "source", "target", "document", "origin", "model", "score", "flags")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_UNESCAPES = {escape: char for char, escape in _ESCAPES.items()}
_SRC_NAMES = ("src", "source", "source_text", "ar")
_TGT_NAMES = ("tgt", "target", "translation", "hypothesis", "mt", "en")


def write_tsv(bitext: Bitext, stream: BinaryIO) -> None:
    """Write a bitext as TSV with a header; properties are left out, flags joined by " | "."""
    stream.write(("\t".join(_COLUMNS) + "\n").encode())
    for unit in bitext.units:
        cells = (
            unit.unit_id,
            unit.src,
            unit.tgt,
            unit.document,
            unit.origin,
            unit.model,
            "" if unit.score is None else repr(unit.score),
            " | ".join(flag_to_text(flag) for flag in unit.flags),
        )
        line = "\t".join(re.sub(r"[\\\t\n\r]", lambda match: _ESCAPES[match[0]], cell) for cell in cells)
        stream.write(line.encode("utf-8", "replace") + b"\n")


def read_tsv(
    lines: Iterable[bytes], *, name: str = "TSV", src_lang: str = "ar", tgt_lang: str = "en"
) -> Bitext:
    """Read a TSV bitext, ours or any with source and target in its first two columns.

    Args:
        lines: the file's lines, UTF-8; consumed.
        name: the file, for messages.
        src_lang: source language, which TSV does not tell.
        tgt_lang: target language.

    Raises:
        FormatError: a line has one column only, or is not UTF-8.
    """
    units: list[TranslationUnit] = []
    columns: list[str] | None = None
    for number, line in enumerate(_decoded(lines, name), 1):
        cells = line.split("\t")
        if number == 1 and cells[:3] == list(_COLUMNS[:3]):
            columns = cells
            continue
        if not line:
            continue
        if columns is not None:
            units.append(
                _from_columns(dict(zip(columns, map(_unescape, cells), strict=False)), f"{name}:{number}")
            )
        elif len(cells) < 2:
            raise FormatError(f"{name}:{number}: one column; expected source and target separated by a tab")
        else:
            units.append(TranslationUnit(cells[0], cells[1], unit_id=str(number)))
    return Bitext(tuple(units), src_lang, tgt_lang, name)


def write_jsonl(bitext: Bitext, stream: BinaryIO) -> None:
    """Write a bitext as JSON lines with everything that is known of each unit."""
    for unit in bitext.units:
        row: dict[str, object] = {"id": unit.unit_id, "src": unit.src, "tgt": unit.tgt}
        row |= {key: value for key in ("document", "origin", "model") if (value := getattr(unit, key))}
        if unit.score is not None:
            row["score"] = unit.score
        if unit.flags:
            row["flags"] = [
                {"kind": flag.kind, "severity": flag.severity.value, "message": flag.message}
                for flag in unit.flags
            ]
        if unit.props:
            row["props"] = [list(pair) for pair in unit.props]
        line = json.dumps(row, ensure_ascii=False)
        stream.write(line.encode("utf-8", "replace") + b"\n")


def read_jsonl(
    lines: Iterable[bytes], *, name: str = "JSONL", src_lang: str = "ar", tgt_lang: str = "en"
) -> Bitext:
    """Read a bitext of JSON lines: objects with a source and a target; see `read_tsv` for the arguments.

    Raises:
        FormatError: a line is no JSON object, or has no source.
    """
    units = []
    for number, line in enumerate(_decoded(lines, name), 1):
        if not line.strip():
            continue
        where = f"{name}:{number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise FormatError(f"{where}: not JSON: {error}") from error
        if not isinstance(row, dict):
            raise FormatError(f"{where}: expected a JSON object with src and tgt")
        units.append(_from_object(row, where))
    return Bitext(tuple(units), src_lang, tgt_lang, name)


def _decoded(lines: Iterable[bytes], name: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormatError(f"{name}:{number}: not UTF-8 ({error.reason})") from error
        yield (text.removeprefix("\ufeff") if number == 1 else text).removesuffix("\n").removesuffix("\r")


def _unescape(cell: str) -> str:
    return re.sub(r"\\[\\tnr]", lambda match: _UNESCAPES[match[0]], cell)


def _from_columns(cells: dict[str, str], where: str) -> TranslationUnit:
    if "target" not in cells:
        raise FormatError(f"{where}: too few columns; expected id, source and target")
    flags = [flag_from_text(text) for text in cells.get("flags", "").split(" | ")]
    return TranslationUnit(
        src=cells["source"],
        tgt=cells["target"],
        unit_id=cells["id"],
        document=cells.get("document", ""),
        origin=cells.get("origin", ""),
        model=cells.get("model", ""),
        score=score_from_text(cells.get("score", "")),
        flags=tuple(flag for flag in flags if flag is not None),
    )


def _from_object(row: dict[str, object], where: str) -> TranslationUnit:
    sides = row["translation"] if isinstance(row.get("translation"), dict) else row
    assert isinstance(sides, dict)
    src = next((sides[key] for key in _SRC_NAMES if isinstance(sides.get(key), str)), None)
    tgt = next((sides[key] for key in _TGT_NAMES if isinstance(sides.get(key), str)), "")
    if src is None:
        raise FormatError(f"{where}: no source text; expected a field named {', '.join(_SRC_NAMES)}")
    score, flags, props = row.get("score"), row.get("flags"), row.get("props")
    return TranslationUnit(
        src=src,
        tgt=tgt,
        unit_id=str(row.get("id", "")),
        document=str(row.get("document", "")),
        origin=str(row.get("origin", "")),
        model=str(row.get("model", "")),
        score=float(score) if isinstance(score, int | float) else None,
        flags=tuple(_flags(flags)) if isinstance(flags, list) else (),
        props=tuple((str(key), str(value)) for key, value in props) if isinstance(props, list) else (),
    )


def _flags(rows: list[object]) -> Iterator[Flag]:
    for row in rows:
        if isinstance(row, dict) and row.get("severity") in tuple(Severity):
            yield Flag(str(row.get("kind", "")), Severity(row["severity"]), str(row.get("message", "")))
