"""Tables with a text column: CSV, TSV and JSON lines; the translation goes into a column beside it.

A target cell that is filled already is left alone: its row has no slot.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.corpora.decoding import decode
from dragoman.corpora.formats.slots import Rebuilt, Slot, Translation
from dragoman.errors import FormatError

_SOURCE_NAMES = ("source", "src", "text", "ar", "arabic", "content", "body")


@dataclass(frozen=True, slots=True)
class TableTemplate:
    """Rows of cells with a source and a target column; `numbers[i]` is the row of slot i."""

    slots: tuple[Slot, ...]
    numbers: tuple[int, ...]
    rows: list[list[str]]
    target: int
    delimiter: str
    line_end: str
    bom: str

    def rebuild(self, translations: Sequence[Translation | None]) -> Rebuilt:
        """Return the table in UTF-8."""
        rows = [list(row) for row in self.rows]
        for number, translation in zip(self.numbers, translations, strict=True):
            if translation is not None:
                row = rows[number]
                row += [""] * (self.target + 1 - len(row))
                row[self.target] = translation.text
        stream = io.StringIO()
        csv.writer(stream, delimiter=self.delimiter, lineterminator=self.line_end).writerows(rows)
        return Rebuilt((self.bom + stream.getvalue()).encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class JsonlTemplate:
    """JSON objects, a line each; `numbers[i]` is the row of slot i."""

    slots: tuple[Slot, ...]
    numbers: tuple[int, ...]
    rows: list[dict[str, object]]
    target: str

    def rebuild(self, translations: Sequence[Translation | None]) -> Rebuilt:
        """Return the lines in UTF-8."""
        rows = [dict(row) for row in self.rows]
        for number, translation in zip(self.numbers, translations, strict=True):
            if translation is not None:
                rows[number][self.target] = translation.text
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        return Rebuilt("".join(lines).encode("utf-8", "replace"))


def read_table(
    data: bytes, name: str, *, source: str | None = None, target: str | None = None, tgt_lang: str = "en"
) -> TableTemplate:
    """Read a CSV or TSV file with a header row.

    Args:
        data: the file.
        name: its name, for messages; ".tsv" means tabs.
        source: name of the text column; by default "source", "text", "ar" or the like, or the only column.
        target: name of the column for translations, added at the end when it is not there; by default
            "target" when there is one, else the source's name with the target language.
        tgt_lang: target language.

    Raises:
        FormatError: the column cannot be found.
    """
    text = decode(data, name=name).text
    delimiter = _delimiter(text, name)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if not rows:
        raise FormatError(f"{name}: an empty table")
    header = [cell.strip() for cell in rows[0]]
    source = source or _source_name(header, name)
    if source not in header:
        raise FormatError(f"{name}: no column {source!r}; there are {', '.join(header)}")
    target = target or next((cell for cell in header if cell.casefold() in ("target", "tgt", tgt_lang)), None)
    target = target or f"{source}_{tgt_lang}"
    src_column = header.index(source)
    tgt_column = header.index(target) if target in header else len(header)
    if tgt_column == len(header):
        rows[0] = [*rows[0], target]
    slots, numbers = [], []
    for number, row in enumerate(rows[1:], 1):
        cell = row[src_column].strip() if src_column < len(row) else ""
        is_done = tgt_column < len(row) and row[tgt_column].strip()
        if cell and not is_done:
            slots.append(Slot(cell, kind="cell", slot_id=str(number)))
            numbers.append(number)
    line_end = "\r\n" if "\r\n" in text else "\n"
    bom = "\ufeff" if data.startswith(b"\xef\xbb\xbf") else ""  # a spreadsheet's sign of UTF-8
    return TableTemplate(tuple(slots), tuple(numbers), rows, tgt_column, delimiter, line_end, bom)


def read_jsonl_table(
    data: bytes, name: str, *, source: str | None = None, target: str | None = None, tgt_lang: str = "en"
) -> JsonlTemplate:
    """Read JSON lines with a text field; arguments as `read_table`.

    Raises:
        FormatError: a line is no JSON object or has no text field.
    """
    rows: list[dict[str, object]] = []
    for number, line in enumerate(decode(data, name=name).text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise FormatError(f"{name}:{number}: not JSON: {error}") from error
        if not isinstance(row, dict):
            raise FormatError(f"{name}:{number}: expected a JSON object")
        rows.append(row)
    if not rows:
        raise FormatError(f"{name}: no line in it")
    source = source or _source_name([key for key, value in rows[0].items() if isinstance(value, str)], name)
    target = target or next((key for key in rows[0] if key.casefold() in ("target", "tgt", tgt_lang)), None)
    target = target or f"{source}_{tgt_lang}"
    slots, numbers = [], []
    for number, row in enumerate(rows):
        text, done = row.get(source), row.get(target)
        if isinstance(text, str) and text.strip() and not (isinstance(done, str) and done.strip()):
            slots.append(Slot(text.strip(), kind="cell", slot_id=str(row.get("id", number + 1))))
            numbers.append(number)
    if not slots and not any(source in row for row in rows):
        raise FormatError(f"{name}: no field {source!r} in it")
    return JsonlTemplate(tuple(slots), tuple(numbers), rows, target)


def _delimiter(text: str, name: str) -> str:
    head = text.partition("\n")[0]
    if name.lower().endswith((".tsv", ".tab")) or head.count("\t") > head.count(","):
        return "\t"
    return ";" if head.count(";") > head.count(",") else ","


def _source_name(header: Sequence[str], name: str) -> str:
    for wanted in _SOURCE_NAMES:
        for cell in header:
            if cell.casefold() == wanted:
                return cell
    if len(header) == 1:
        return header[0]
    raise FormatError(
        f"{name}: which column is the text? Say so with --source-column; there are {', '.join(header)}"
    )
