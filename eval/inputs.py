r"""Reading hypotheses, references and sources: text, TSV, JSONL, TMX and XLIFF, with their digests.

Plain text is one segment a line, read as sacreBLEU reads it (UTF-8, lines end at "\n" only, white space at
the end of a line dropped). TSV and JSONL carry named columns; TMX and XLIFF carry a source and a target a
unit. Whatever the format, the result is a `Table`, from which `Side`s are taken.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dragoman.corpora.decoding import decode
from dragoman.corpora.reading import is_visible
from dragoman.errors import FormatError, InputError, MismatchError, NoTextError, NotTextError
from dragoman.eval.results import InputFile
from dragoman.files import shown_name
from dragoman.units import Bitext, Notice

_HYPOTHESIS = ("hyp", "hypothesis", "mt", "translation", "tgt", "target")
_SOURCE = ("src", "source")
_DOCUMENT = ("doc_id", "document", "doc", "docid")
_SEGMENT = ("seg_id", "segment", "seg", "segid", "id", "unit_id")


@dataclass(frozen=True, slots=True)
class Side:
    """Segments of one side: a system's output, one reference, or the source.

    Attributes:
        name: for messages: the path as given, or the system's name.
        texts: the segments in order; None where the input has no text for a segment (an empty TMX target).
        doc_ids: a document a segment, or empty.
        seg_ids: an identifier a segment, unique in its document, or empty.
        file: where it was read from, None for texts given in memory.
        running: True for text that is not cut into segments yet (its lines are paragraphs).
    """

    name: str
    texts: tuple[str | None, ...]
    doc_ids: tuple[str, ...] = ()
    seg_ids: tuple[str, ...] = ()
    file: InputFile | None = None
    running: bool = False

    def __post_init__(self) -> None:
        for what, ids in (("document ids", self.doc_ids), ("segment ids", self.seg_ids)):
            if ids and len(ids) != len(self.texts):
                raise MismatchError(f"{self.name}: {len(ids)} {what} for {len(self.texts)} segments")

    def where(self, index: int) -> str:
        """Name a segment for people: its document and id, or its line."""
        if self.seg_ids:
            document = f"document {self.doc_ids[index]}, " if self.doc_ids else ""
            return f"{document}segment {self.seg_ids[index]}"
        return f"line {index + 1}"


@dataclass(frozen=True, slots=True)
class Table:
    """A file with named columns.

    Attributes:
        name: path as given.
        sha256: digest of the bytes.
        columns: names in the file's order; plain text has the one column "".
        rows: values by column; a JSON null is None.
        notices: what was seen in decoding.
    """

    name: str
    sha256: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    notices: tuple[Notice, ...] = ()

    def hypothesis(self, system: str = "") -> Side:
        """Take the system's output.

        Raises:
            FormatError: the file has no hypothesis column.
        """
        return self._side("hypothesis", self._column(_HYPOTHESIS, "a hypothesis (hyp)"), system or self.name)

    def references(self) -> list[Side]:
        """Take every reference column (ref, ref2, reference_b …), or the target of a bitext.

        Raises:
            FormatError: the file has none.
        """
        names = [name for name in self.columns if name.lower().startswith("ref")]
        if not names:
            names = [self._column(_HYPOTHESIS, "a reference (ref)")]
        several = len(names) > 1
        return [
            self._side("reference", name, f"{self.name}:{name}" if several else self.name) for name in names
        ]

    def source(self) -> Side | None:
        """Take the source column, None when the file has none (plain text is the source itself)."""
        if self.columns == ("",):
            return self._side("source", "", self.name)
        found = [name for name in self.columns if name.lower() in _SOURCE]
        return self._side("source", found[0], self.name) if found else None

    def _column(self, names: Sequence[str], what: str) -> str:
        if self.columns == ("",):
            return ""
        for name in names:
            for column in self.columns:
                if column.lower() == name:
                    return column
        raise FormatError(f"{self.name}: no column for {what} among {', '.join(self.columns)}")

    def _side(self, role: str, column: str, name: str) -> Side:
        return Side(
            name=name,
            texts=tuple(self._values(column)),
            doc_ids=self._ids(_DOCUMENT),
            seg_ids=self._ids(_SEGMENT),
            file=InputFile(role, self.name, self.sha256, len(self.rows)),
        )

    def _ids(self, names: Sequence[str]) -> tuple[str, ...]:
        for name in names:
            for column in self.columns:
                if column.lower() == name:
                    values = tuple(value or "" for value in self._values(column))
                    return values if any(values) else ()
        return ()

    def _values(self, column: str) -> Iterator[str | None]:
        index = self.columns.index(column)
        return (row[index] for row in self.rows)


def read_table(source: str | Path) -> Table:
    """Read a file of any of the formats, told by its name; "-" is plain text on standard input.

    Raises:
        InputError: it cannot be read.
        NoTextError: it is empty.
        FormatError: it does not follow its format.
    """
    name = shown_name(source)
    data = _bytes(str(source), name)
    digest = hashlib.sha256(data).hexdigest()
    if not data:
        raise NoTextError(f"{name} is empty: expected a segment a line")
    suffix = Path(name).suffix.lower()
    if suffix == ".tmx":
        from dragoman.corpora.tmx import read_tmx  # lxml is not needed for the other formats

        return _from_bitext(name, digest, read_tmx(Path(source)))
    if suffix in (".xlf", ".xliff"):
        from dragoman.corpora.xliff import read_xliff

        return _from_bitext(name, digest, read_xliff(Path(source)))
    lines, notices = _lines(name, data)
    if suffix in (".jsonl", ".ndjson"):
        table = _from_objects(name, digest, lines)
    elif suffix == ".tsv":
        table = _from_tsv(name, digest, lines)
    else:
        table = Table(name, digest, ("",), tuple((line.rstrip(),) for line in lines))
    return replace(table, notices=notices)


def _bytes(path: str, name: str) -> bytes:
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError(f"{name} does not exist") from None
    except IsADirectoryError:
        raise InputError(f"{name} is a folder: expected a file") from None
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror or error}") from error


def _lines(name: str, data: bytes) -> tuple[list[str], tuple[Notice, ...]]:
    """Decode and split: UTF-8, or UTF-16 and UTF-32 that show themselves; what would be a guess is refused.

    A wrong guess or a replaced byte would change a score without a trace.
    """
    decoded = decode(data, name=name, lang="")
    if not decoded.encoding.startswith(("utf-16", "utf-32")):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise NotTextError(
                f"{name}, line {line}: not UTF-8 (byte {data[error.start]:#04x}): convert it first"
            ) from None
    text = decoded.text
    if "\0" in text:
        raise NotTextError(f"{name}: not a text file (NUL characters)")
    if not is_visible(text):
        raise NoTextError(f"no text in {name}: expected a segment a line")
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines, tuple(replace(notice, message=f"{name}: {notice.message}") for notice in decoded.notices)


def _from_tsv(name: str, digest: str, lines: Sequence[str]) -> Table:
    columns = tuple(lines[0].rstrip().split("\t"))
    known = {*_HYPOTHESIS, *_SOURCE, *_DOCUMENT, *_SEGMENT}
    if not any(column.lower() in known or column.lower().startswith("ref") for column in columns):
        raise FormatError(
            f"{name}, line 1: expected a header such as doc_id, seg_id, src, ref, hyp; got {lines[0][:60]!r}"
        )
    if len(set(columns)) != len(columns):
        raise FormatError(f"{name}, line 1: a column name occurs twice")
    rows = []
    for number, line in enumerate(lines[1:], 2):
        fields = tuple(field.rstrip() for field in line.split("\t"))
        if len(fields) != len(columns):
            raise FormatError(f"{name}, line {number}: {len(fields)} fields, expected {len(columns)}")
        rows.append(fields)
    return Table(name, digest, columns, tuple(rows))


def _from_objects(name: str, digest: str, lines: Sequence[str]) -> Table:
    objects: list[Mapping[str, object]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise FormatError(f"{name}, line {number}: not JSON ({error.msg})") from None
        if not isinstance(value, dict):
            raise FormatError(f"{name}, line {number}: expected a JSON object")
        objects.append(_flat(value, name, number))
    columns = tuple(dict.fromkeys(key for item in objects for key in item))
    rows = tuple(tuple(_text(item.get(column)) for column in columns) for item in objects)
    return Table(name, digest, columns, rows)


def _flat(value: Mapping[str, object], name: str, number: int) -> Mapping[str, object]:
    """Spread a list of references over columns."""
    flat: dict[str, object] = {}
    for key, item in value.items():
        if key.lower().startswith("ref") and isinstance(item, list):
            flat.update({f"{key}{i + 1}": reference for i, reference in enumerate(item)})
        elif item is None or isinstance(item, str | int | float):
            flat[key] = item
        elif key.lower() in (*_HYPOTHESIS, *_SOURCE) or key.lower().startswith("ref"):
            raise FormatError(f"{name}, line {number}: {key} is not a string")
    return flat


def _text(value: object) -> str | None:
    """Value of a JSON field as one line."""
    return None if value is None else " ".join(str(value).split("\n"))


def _from_bitext(name: str, digest: str, bitext: Bitext) -> Table:
    units = tuple(bitext.units)
    with_ids = len({(unit.document, unit.unit_id) for unit in units}) == len(units) and all(
        u.unit_id for u in units
    )
    columns = ("doc_id", "seg_id", "src", "tgt") if with_ids else ("src", "tgt")
    rows = []
    for unit in units:
        pair = (" ".join(unit.src.split("\n")), " ".join(unit.tgt.split("\n")) or None)
        rows.append((unit.document, unit.unit_id, *pair) if with_ids else pair)
    return Table(name, digest, columns, tuple(rows))
