"""A text file or standard input as a stream of lines, decoded and checked by its beginning."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from dragoman.corpora.decoding import decode
from dragoman.corpora.language import check_language
from dragoman.errors import InputError, NoTextError, NotTextError

_HEAD_BYTES = 1 << 16


def read_lines(
    source: str | Path, *, encoding: str | None = None, lang: str = "ar", any_language: bool = False
) -> Iterator[str]:
    """Return the lines of a text, without line ends, read as they are asked for.

    The encoding is found out from the first 64 kB, and the language is checked there, before anything is
    returned; later bytes that do not fit the encoding become U+FFFD.

    Args:
        source: a path, or "-" for standard input.
        encoding: how the bytes are encoded; found out when None.
        lang: language that the text should be in.
        any_language: do not look at the language.

    Raises:
        InputError: no such file, not text, no text, or not in this language.
    """
    name = "standard input" if source == "-" else str(source)
    stream = _open(source, name)
    head = stream.peek(_HEAD_BYTES)[:_HEAD_BYTES] if isinstance(stream, io.BufferedReader) else stream.read()
    if not head:
        raise NoTextError(f"{name}: the text is empty")
    cut = head[: head.rfind(b"\n") + 1] or head
    if cut.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in cut[:64]:
        cut = head[: len(head) // 4 * 4]  # UTF-16 or UTF-32: a byte 0x0A need not be a line end
    decoded = decode(cut, name=name, encoding=encoding, lang=lang)
    if not any_language:
        problem = check_language(decoded.text, lang, name)
        # A corpus may begin with lines without letters; they are copied like any others.
        if problem is not None and not isinstance(problem, NoTextError):
            raise problem
    if not isinstance(stream, io.BufferedReader):
        stream = io.BytesIO(head)
    return _lines(stream, _codec(decoded.encoding, head))


def _open(source: str | Path, name: str) -> BinaryIO:
    if source == "-":
        return sys.stdin.buffer
    try:
        if Path(source).is_dir():
            raise InputError(f"{name}: is a directory; expected a text file")
        return io.BufferedReader(Path(source).open("rb", buffering=0), buffer_size=_HEAD_BYTES)
    except OSError as error:
        raise InputError(f"{name}: {error.strerror or error}") from error


def _codec(encoding: str, head: bytes) -> str:
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8") or head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return encoding


def _lines(stream: BinaryIO, codec: str) -> Iterator[str]:
    try:
        with io.TextIOWrapper(stream, encoding=codec, errors="replace", newline=None) as text:
            for line in text:
                yield line.removesuffix("\n")
    except UnicodeError as error:
        raise NotTextError(f"the text is not {codec}: {error}") from error
