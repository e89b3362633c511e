"""Writing files so that a reader never sees half of one: temporary file, fsync, rename."""

import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from dragoman.errors import OutputError

TEMPORARY = ".tmp-"  # what names of unfinished files begin with; only a kill leaves one behind


@contextmanager
def atomic_binary(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path` that replaces it when the block ends well.

    Raises:
        OutputError: the folder cannot be written or the disk is full; `path` is then as it was before.
    """
    temporary = path.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        # Where the folder is no folder at all, there is nothing to take away either.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_text(path: Path) -> Iterator[TextIO]:
    r"""Like `atomic_binary`, for UTF-8 text; line ends are written as they are given (`\n`)."""
    with atomic_binary(path) as binary:
        text = io.TextIOWrapper(binary, encoding="utf-8", newline="\n")
        yield text
        text.flush()
        text.detach()


def write_text(path: Path, content: str) -> None:
    """Write `content` as UTF-8 to `path`, whole or not at all."""
    with atomic_text(path) as stream:
        stream.write(content)
