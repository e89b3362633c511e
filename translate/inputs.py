"""The inputs of a batch job: files, folders, lists and JSONL rows, planned as shards.

Shards are cut by documents and by bytes as they come, without reading the documents; of a JSONL file only the
offsets of its rows are kept, so that a job of any size is planned in flat memory.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from dragoman.corpora.formats.registry import SUFFIXES
from dragoman.errors import InputError, NoTextError
from dragoman.files import shown_name
from dragoman.translate.ledger import Shard, Source

_JSONL = frozenset({".jsonl", ".ndjson"})
# A shard is what a killed job loses at most, and what the engine can sort by length: some seconds of work.
MAX_DOCUMENTS = 64
_MAX_BYTES = 200_000
_MAX_NAME_BYTES = 200  # of 255 that file systems allow, suffixes and temporary names need some


def plan(
    inputs: Sequence[str], *, from_list: Path | None = None, max_documents: int = MAX_DOCUMENTS
) -> Iterator[Shard]:
    """Divide the inputs into shards, in order.

    Args:
        inputs: files, folders (their documents are taken in the order of their names, at any depth) and JSONL
            files (a document a row).
        from_list: a file that names further inputs, one a line.
        max_documents: documents in a shard at most.

    Raises:
        InputError: an input does not exist, or two documents would have one name.
    """
    names: set[bytes] = set()
    batch: list[Source] = []
    index, size = 0, 0
    for source, n_bytes in _sources(_all_inputs(inputs, from_list)):
        key = hashlib.blake2b(source.name.encode("utf-8", "surrogateescape"), digest_size=12).digest()
        if key in names:
            raise InputError(
                f"two documents of the job have the name {source.name!r}: one would replace the other"
            )
        names.add(key)
        if batch and (len(batch) == max_documents or size + n_bytes > _MAX_BYTES):
            yield Shard(index, tuple(batch))
            index, size, batch = index + 1, 0, []
        batch.append(source)
        size += n_bytes
    if batch:
        yield Shard(index, tuple(batch))
    elif index == 0:
        raise NoTextError("no document found in the inputs; taken are " + ", ".join(sorted(SUFFIXES)))


def load(source: Source) -> tuple[str | bytes, str]:
    """Return a document's content, bytes of a file or text of a JSONL row, and its name for messages.

    Raises:
        InputError: it cannot be read, or the row has no text.
    """
    path = Path(source.path)
    try:
        if source.offset < 0:
            return path.read_bytes(), shown_name(source.path)
        with path.open("rb") as stream:
            stream.seek(source.offset)
            line = stream.readline()
    except OSError as error:
        raise InputError(f"{shown_name(source.path)}: cannot be read: {error.strerror or error}") from error
    row = _row(line, f"{source.path}, document {source.name}")
    text = row.get("text")
    if not isinstance(text, str):
        raise InputError(f'{source.path}: document {source.name} has no string under "text"')
    return text, source.name


def _all_inputs(inputs: Sequence[str], from_list: Path | None) -> Iterator[str]:
    yield from inputs
    if from_list is not None:
        try:
            listed = from_list.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{from_list}: cannot be read as a list of files: {error}") from error
        yield from (line for line in (line.strip("\r") for line in listed) if line.strip())


def _sources(inputs: Iterable[str]) -> Iterator[tuple[Source, int]]:
    """Yield each document with its size in bytes."""
    for given in inputs:
        path = Path(given)
        if path.is_dir():
            for file in sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file()):
                yield from _file(file, file.relative_to(path))
        elif path.is_file():
            yield from _file(path, Path(path.name))
        else:
            raise InputError(f"{shown_name(given)}: no such file or folder")


def _file(path: Path, relative: Path) -> Iterator[tuple[Source, int]]:
    if path.suffix.lower() in _JSONL:
        yield from _rows(path, relative)
    else:
        yield Source(_short(shown_name(relative.as_posix())), str(path)), path.stat().st_size


def _rows(path: Path, relative: Path) -> Iterator[tuple[Source, int]]:
    offset = 0
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield (
                    Source(shown_name(f"{relative.as_posix()}#{_row_name(line, number)}"), str(path), offset),
                    len(line),
                )
            offset += len(line)


def _row_name(line: bytes, number: int) -> str | int:
    """Return a row's id, or its line number; what is wrong with the row is told when it is translated."""
    try:
        row = json.loads(line)
    except ValueError:
        return number
    name = row.get("id", number) if isinstance(row, dict) else number
    return name if isinstance(name, str | int) else number


def _row(line: bytes, where: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: not a JSON object a line: {error}") from error
    if not isinstance(row, dict):
        raise InputError(f'{where}: expected a JSON object with a "text"')
    return row


def _short(name: str) -> str:
    """Shorten the last part of a path that leaves no room for suffixes; a digest keeps it unique."""
    folder, _, last = name.rpartition("/")
    raw = last.encode("utf-8", "surrogateescape")
    if len(raw) <= _MAX_NAME_BYTES:
        return name
    stem, dot, suffix = last.rpartition(".")
    digest = hashlib.sha256(raw).hexdigest()[:8]
    cut = (stem if dot else last).encode("utf-8", "surrogateescape")[: _MAX_NAME_BYTES - 30]
    shortened = f"{cut.decode('utf-8', 'ignore')}~{digest}" + (f".{suffix}" if dot else "")
    return f"{folder}/{shortened}" if folder else shortened
