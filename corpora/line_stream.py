"""A file with a segment a line, or standard input, as a stream of lines: read as articles are, line by line.

What `reading` does for an article is done for each block of lines: decoding with what damage there is, repair
of garbled text, control characters dropped. Only the number of lines is kept: blank lines stay, and a line
separator inside a line (U+2028, form feed …) becomes a space.
"""

import io
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from dragoman.corpora import html
from dragoman.corpora.decoding import decode, decode_block
from dragoman.corpora.garbling import repair_mojibake, restore_reading_order
from dragoman.corpora.language import check_language, has_lost_letters
from dragoman.corpora.reading import is_visible, read, without_controls
from dragoman.errors import InputError, LanguageError, NoTextError
from dragoman.files import shown_name
from dragoman.units import Notice, Role, Severity

_HEAD_BYTES = 1 << 16  # by which encoding and language are told
_BLOCK_BYTES = 1 << 20
_LINE_END = re.compile("\r\n|[\r\n]")
_INNER_END = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_WIDE = ("utf-16", "utf-32")  # a byte 0A need not be a line end

Notify = Callable[[Notice], None]


def read_lines(
    source: str | Path,
    *,
    encoding: str | None = None,
    lang: str = "ar",
    any_language: bool = False,
    notify: Notify = lambda _: None,
) -> Iterator[str]:
    """Return the lines of a text, without line ends, read as they are asked for.

    The encoding is found out from the first 64 kB, and the language is checked there, before anything is
    returned. Of an HTML page the lines of its main text are returned.

    Args:
        source: a path, or "-" for standard input.
        encoding: how the bytes are encoded; found out when None.
        lang: language that the text should be in; "ar" and "en" are checked.
        any_language: only note it when the text is in another language.
        notify: told what was seen on the way, at the latest when the last line is read.

    Raises:
        InputError: no such file, not text, no text, or not in this language.
    """
    name = "standard input" if source == "-" else shown_name(source)
    stream = _open(source, name)
    head = stream.peek(_HEAD_BYTES)[:_HEAD_BYTES]
    if not head:
        raise NoTextError(f"no text in {name}: the file is empty")
    cut = head[: head.rfind(b"\n") + 1] or head
    if cut.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in cut[:64]:
        cut = head[: len(head) // 4 * 4]
    decoded = decode(cut, name=name, encoding=encoding, declared=html.declared_encoding(head), lang=lang)
    if html.is_html(decoded.text, name):
        with stream:
            data = stream.read()
        return _page_lines(data, name, encoding=encoding, lang=lang, any_language=any_language, notify=notify)
    _check_language(_cleaned(decoded.text, lang)[0], name, lang, any_language=any_language, notify=notify)
    lines = _lines(stream, decoded.encoding, encoding is not None, lang, notify)
    blank: list[str] = []
    for line in lines:
        if is_visible(line):
            return chain(blank, [line], lines)
        blank.append(line)
    raise NoTextError(f"no text in {name}")


def _open(source: str | Path, name: str) -> io.BufferedReader:
    if source == "-":
        stream: BinaryIO = sys.stdin.buffer
        if isinstance(stream, io.BufferedReader):
            return stream
        return io.BufferedReader(io.BytesIO(stream.read()), buffer_size=_HEAD_BYTES)
    path = Path(source)
    try:
        if path.is_dir():
            raise InputError(f"{name}: is a directory; expected a text file")
        return io.BufferedReader(path.open("rb", buffering=0), buffer_size=_HEAD_BYTES)
    except FileNotFoundError:
        raise InputError(f"{name}: no such file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{name}: cannot be read: {reason}") from error


def _page_lines(
    data: bytes, name: str, *, encoding: str | None, lang: str, any_language: bool, notify: Notify
) -> Iterator[str]:
    document = read(data, name=name, encoding=encoding, lang=lang, any_language=any_language)
    for notice in document.notices:
        notify(notice)
    n_apart = sum(line.role is Role.BOILERPLATE for line in document.lines)
    notify(Notice("page", f"a page: only its main text, {n_apart} lines set apart", Severity.INFO))
    return (document.text[x.start : x.end] for x in document.lines if x.role is not Role.BOILERPLATE)


def _check_language(text: str, name: str, lang: str, *, any_language: bool, notify: Notify) -> None:
    problem = check_language(text, lang, name)
    if problem is None:
        return
    if isinstance(problem, LanguageError) and any_language:
        notify(Notice("language", str(problem)))
    # A corpus may begin with lines without letters; they are copied like any others.
    elif not isinstance(problem, NoTextError) or has_lost_letters(text):
        raise problem


def _lines(stream: io.BufferedReader, codec: str, is_given: bool, lang: str, notify: Notify) -> Iterator[str]:
    """Yield the lines of all blocks; a kind of notice is told once, at the end how often again."""
    seen: Counter[str] = Counter()
    with stream:
        for block, notices in _blocks(stream, codec, is_given, lang):
            text, found = _cleaned(block, lang)
            for notice in (*notices, *found):
                if not seen[notice.kind]:
                    notify(notice)
                seen[notice.kind] += 1
            yield from _split(text)
    for kind, n_blocks in seen.items():
        if n_blocks > 1:
            notify(Notice(kind, f"the same ({kind}) in {n_blocks - 1:,} later blocks of lines"))


def _blocks(
    stream: io.BufferedReader, codec: str, is_given: bool, lang: str
) -> Iterator[tuple[str, tuple[Notice, ...]]]:
    """Yield runs of whole lines, decoded; what is there at once of a pipe is a block, so that it flows."""
    if codec.startswith(_WIDE):
        data = stream.read()
        decoded = decode(data, encoding=codec if is_given else None)
        yield decoded.text, decoded.notices
        return
    is_first = True
    while block := stream.read1(_BLOCK_BYTES):
        if not block.endswith(b"\n"):
            block += stream.readline()
        if is_first and not is_given:
            decoded = decode(block, lang=lang, declared=html.declared_encoding(block))
        else:
            decoded = decode_block(block, codec, lang=lang)
        is_first = False
        yield decoded.text, decoded.notices


def _cleaned(block: str, lang: str) -> tuple[str, tuple[Notice, ...]]:
    # Garbled text is repaired first: what looks like U+0085 in it is a byte of a letter.
    text, notices = repair_mojibake(block)
    text = _INNER_END.sub(" ", _LINE_END.sub("\n", text))
    if lang == "ar":
        text, turned = restore_reading_order(text)
        notices += turned
    text, dropped = without_controls(text)
    return text, notices + dropped


def _split(text: str) -> list[str]:
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines
