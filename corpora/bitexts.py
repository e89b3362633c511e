"""Bitext files of every kind: which reader or writer a file's name asks for."""

import sys
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from dragoman.corpora.bitext_tables import read_jsonl, read_tsv, write_jsonl, write_tsv
from dragoman.corpora.tmx import read_tmx, write_tmx
from dragoman.corpora.xliff import read_xliff, write_xliff
from dragoman.errors import FormatError, InputError
from dragoman.files import atomic_binary
from dragoman.units import Bitext

FORMATS = {
    ".tmx": "tmx",
    ".xlf": "xliff",
    ".xliff": "xliff",
    ".tsv": "tsv",
    ".txt": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


def read_bitext(
    path: str | Path, *, kind: str | None = None, src_lang: str = "ar", tgt_lang: str = "en"
) -> Bitext:
    """Read a TMX, XLIFF, TSV or JSONL bitext; "-" is standard input (then, or for other names, say the kind).

    Args:
        path: the file.
        kind: "tmx", "xliff", "tsv" or "jsonl"; by default what the name ends in.
        src_lang: source language, for picking a TMX's variants and for formats that name none.
        tgt_lang: target language.

    Raises:
        InputError: the file cannot be read.
        FormatError: it does not follow its format, or its format cannot be told.
    """
    kind = kind or format_of(path)
    name = str(path)
    try:
        with sys.stdin.buffer if name == "-" else Path(path).open("rb") as stream:
            if kind == "tmx":
                return read_tmx(stream, src_lang=src_lang, tgt_lang=tgt_lang)
            if kind == "xliff":
                return read_xliff(stream)
            read = read_tsv if kind == "tsv" else read_jsonl
            return read(stream, name=name, src_lang=src_lang, tgt_lang=tgt_lang)
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror or error}") from error


def write_bitext(
    bitext: Bitext, path: Path, *, kind: str | None = None, created: datetime | None = None
) -> int:
    """Write a bitext to a file, whole or not at all.

    Args:
        bitext: its units are read once.
        path: where to; its suffix tells the format unless `kind` does.
        kind: "tmx", "xliff", "tsv" or "jsonl".
        created: date in TMX and XLIFF headers, left out when None.

    Returns:
        How many characters the format could not hold.
    """
    kind = kind or format_of(path)
    with atomic_binary(path) as stream:
        return write_bitext_to(bitext, stream, kind=kind, original=bitext.name or path.stem, created=created)


def write_bitext_to(
    bitext: Bitext, stream: BinaryIO, *, kind: str, original: str = "", created: datetime | None = None
) -> int:
    """Write a bitext to a binary stream; see `write_bitext`."""
    if kind == "tmx":
        return write_tmx(bitext, stream, created=created)
    if kind == "xliff":
        return write_xliff(bitext, stream, original=original or "bitext", created=created)
    if kind not in ("tsv", "jsonl"):
        raise ValueError(f"unknown bitext format {kind!r}")
    (write_tsv if kind == "tsv" else write_jsonl)(bitext, stream)
    return 0


def format_of(path: str | Path) -> str:
    """Tell a bitext's format by the end of its name.

    Raises:
        FormatError: no format has that ending.
    """
    kind = FORMATS.get(Path(path).suffix.lower())
    if kind is None:
        raise FormatError(
            f"{path}: cannot tell the format; expected a name that ends in {', '.join(FORMATS)}"
        )
    return kind
