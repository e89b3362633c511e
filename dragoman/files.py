"""Writing files so that a reader never sees half of one: temporary file, fsync, rename."""

import io
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from dragoman.errors import OutputError

_TEMPORARY = ".tmp-"  # names of unfinished files begin so, 16 hex digits follow; only a kill leaves one
_N_RANDOM_BYTES = 8
_IS_TEMPORARY = re.compile(rf"{re.escape(_TEMPORARY)}[0-9a-f]{{{2 * _N_RANDOM_BYTES}}}")
_CHUNK_BYTES = 1 << 20


_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def shown_name(name: str | Path) -> str:
    r"""Return a file's name as messages and outputs show it.

    Bytes that are no text (lone surrogates in Python), control characters and what turns the direction of
    text round become U+FFFD; the path itself still opens the file.

    >>> shown_name("a\x1b[31m.txt")
    'a\ufffd[31m.txt'
    """
    return _UNFIT.sub("\ufffd", str(name))


@contextmanager
def atomic_binary(path: Path, *, keep_equal: bool = False) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path` that replaces it when the block ends well.

    Args:
        path: what is written.
        keep_equal: leave the file at `path` alone, with its date, when it holds the same bytes already.

    Raises:
        OutputError: the folder cannot be written or the disk is full; `path` is then as it was before.
    """
    temporary = path.parent / f"{_TEMPORARY}{secrets.token_hex(_N_RANDOM_BYTES)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as stream:
            yield stream
            stream.flush()
            if keep_equal and _are_equal(temporary, path):
                return
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        # Where the folder is no folder at all, there is nothing to take away either.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_text(path: Path, *, keep_equal: bool = False) -> Iterator[TextIO]:
    r"""Like `atomic_binary`, for UTF-8 text; line ends are written as they are given (`\n`)."""
    with atomic_binary(path, keep_equal=keep_equal) as binary:
        text = io.TextIOWrapper(binary, encoding="utf-8", newline="\n")
        yield text
        text.flush()
        text.detach()


def write_text(path: Path, content: str, *, keep_equal: bool = False) -> None:
    """Write `content` as UTF-8 to `path`, whole or not at all."""
    with atomic_text(path, keep_equal=keep_equal) as stream:
        stream.write(content)


def sweep(folder: Path) -> None:
    """Remove the unfinished files of killed processes in a folder, at any depth.

    The name has to fit as a whole, so that no file of a user's is taken for one. A process that still writes
    one of them gets an `OutputError`.
    """
    # os.walk passes over folders that vanish meanwhile.
    for parent, _, names in os.walk(folder):
        for name in filter(_IS_TEMPORARY.fullmatch, names):
            with suppress(OSError):
                Path(parent, name).unlink()


def _are_equal(one: Path, other: Path) -> bool:
    """Tell whether two files hold the same bytes; a file that is missing is equal to none."""
    try:
        if one.stat().st_size != other.stat().st_size:
            return False
        with one.open("rb") as left, other.open("rb") as right:
            while chunk := left.read(_CHUNK_BYTES):
                if chunk != right.read(_CHUNK_BYTES):
                    return False
    except FileNotFoundError:
        return False
    return True
