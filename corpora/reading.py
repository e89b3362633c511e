r"""Reading an article: bytes or text to a `Document` with a role and a reason for every line.

The way of the bytes: decoding (`decoding`), repair of text that was garbled earlier (`garbling`), line ends
and characters that nothing can show, language check (`language`), then lines with roles: a page's markup is
flattened to a block a line (`html`), wrapped lines of plain text share a paragraph (`paragraphs`), and what
is no part of the article is set apart (`roles`), never deleted. Whatever was seen on the way becomes a
notice of the document.
"""

import hashlib
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from dragoman.corpora import decoding, html
from dragoman.corpora.garbling import repair_mojibake, restore_reading_order
from dragoman.corpora.language import check_language
from dragoman.corpora.normalisation import count_bidi_controls, drop_controls
from dragoman.corpora.paragraphs import number_paragraphs, split_lines
from dragoman.corpora.phrases import find_run_on
from dragoman.corpora.roles import assign_roles
from dragoman.errors import InputError, LanguageError, NoTextError
from dragoman.files import shown_name
from dragoman.units import Document, Line, Notice, Role, Severity

_RUN_ON_CHARACTERS = 400  # a shorter line is no article with furniture behind it
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_VISIBLE = re.compile("[^\\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u3164\uffa0]")


def read(
    source: str | Path | bytes,
    *,
    name: str | None = None,
    encoding: str | None = None,
    keep_all: bool = False,
    lang: str = "ar",
    any_language: bool = False,
) -> Document:
    """Read an article from a file, from standard input or from bytes.

    Args:
        source: a path, "-" for standard input, or the bytes themselves.
        name: name of the document; the path as given when None.
        encoding: how the bytes are encoded; found out when None.
        keep_all: make boilerplate body, so that everything is translated.
        lang: language that the text should be in; "ar" and "en" are checked.
        any_language: only note it when the text is in another language.

    Raises:
        NotTextError: the bytes are no text.
        NoTextError: there is no text, or nothing but boilerplate.
        LanguageError: the text is in another language.
        InputError: there is no such file, or it cannot be read.
    """
    data, name = _load(source, name if name is None else shown_name(name))
    declared = html.declared_encoding(data)
    decoded = decoding.decode(data, name=name, encoding=encoding, declared=declared, lang=lang)
    return _document(
        decoded.text,
        name=name,
        notices=decoded.notices,
        encoding=decoded.encoding,
        sha256=hashlib.sha256(data).hexdigest(),
        keep_all=keep_all,
        lang=lang,
        any_language=any_language,
    )


def read_text(
    text: str, *, name: str = "", keep_all: bool = False, lang: str = "ar", any_language: bool = False
) -> Document:
    """Read an article from a string, as `read` does from bytes.

    Raises:
        NoTextError: there is no text, or nothing but boilerplate.
        LanguageError: the text is in another language.
    """
    return _document(
        text,
        name=shown_name(name),
        notices=(),
        encoding="utf-8",
        sha256="",
        keep_all=keep_all,
        lang=lang,
        any_language=any_language,
    )


def is_visible(text: str) -> bool:
    """Tell whether a text holds anything but white space and invisible characters."""
    return bool(_VISIBLE.search(text))


def without_controls(text: str) -> tuple[str, tuple[Notice, ...]]:
    """Drop what nothing can show (NULs, other controls, non-characters), and say how much that was."""
    notices = []
    n_nul = text.count("\0")
    cleaned = drop_controls(text)
    n_controls = len(text) - len(cleaned) - n_nul
    if n_nul:
        notices.append(Notice("nul-characters", f"{n_nul:,} NUL characters removed"))
    if n_controls:
        notices.append(Notice("control-characters", f"{n_controls:,} control characters removed"))
    n_bidi = count_bidi_controls(cleaned)
    if n_bidi:
        message = (
            f"{n_bidi:,} invisible characters that change the direction of text; the model does not see them"
        )
        notices.append(Notice("bidi-controls", message, Severity.INFO))
    return cleaned, tuple(notices)


def _load(source: str | Path | bytes, name: str | None) -> tuple[bytes, str]:
    """Return the bytes of a source and its name."""
    if isinstance(source, bytes):
        return source, "input" if name is None else name
    if str(source) == "-":
        return sys.stdin.buffer.read(), "-" if name is None else name
    path = Path(source)
    shown = shown_name(source) if name is None else name
    try:
        return path.read_bytes(), shown
    except FileNotFoundError:
        hint = (
            "; a name that begins with a dash is given as ./-… or after --"
            if str(source).startswith("-")
            else ""
        )
        raise InputError(f"{shown}: no such file{hint}") from None
    except IsADirectoryError:
        raise InputError(
            f"{shown}: is a directory, an article is one file; `dragoman batch` takes many"
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{shown}: cannot be read: {reason}") from error


def _document(
    text: str,
    *,
    name: str,
    notices: Sequence[Notice],
    encoding: str,
    sha256: str,
    keep_all: bool,
    lang: str,
    any_language: bool,
) -> Document:
    shown = name or "input"
    notices = list(notices)
    text, repaired = repair_mojibake(text)
    text, dropped = without_controls(_LINE_END.sub("\n", text))
    notices += [*repaired, *dropped]
    page = html.flatten(text) if html.is_html(text, name) else None
    if page is not None:
        markup, text = text, "\n".join(line.text for line in page.lines)
    elif lang == "ar":
        text, turned = restore_reading_order(text)
        notices.extend(turned)
    if not is_visible(text):
        raise NoTextError(f"no text in {shown}")
    refusal = check_language(text, lang, shown)
    if refusal is not None:
        if not (any_language and isinstance(refusal, LanguageError)):
            raise refusal
        notices.append(Notice("language", str(refusal)))
    lines = _plain_lines(text, notices) if page is None else _page_lines(markup, page, notices)
    if keep_all:
        lines = [_kept(line) for line in lines]
    elif all(line.role is Role.BOILERPLATE for line in lines):
        reasons = ", ".join(sorted({line.reason for line in lines})[:3])
        raise NoTextError(
            f"no article text found in {shown}, only site furniture ({reasons}); --keep-all keeps it"
        )
    return Document(name, text, tuple(lines), tuple(notices), lang, encoding, sha256)


def _plain_lines(text: str, notices: list[Notice]) -> list[Line]:
    """Return the lines of plain text; the lines of a wrapped paragraph share its role."""
    lines = split_lines(text)
    numbers = number_paragraphs(text, lines)
    paragraphs: list[list[str]] = []
    for line, number in zip(lines, numbers, strict=True):
        if number == len(paragraphs):
            paragraphs.append([])
        paragraphs[number].append(text[line.start : line.end])
    verdicts = assign_roles([" ".join(paragraph) for paragraph in paragraphs])
    found: list[Line] = []
    n_cut = 0
    for line, number in zip(lines, numbers, strict=True):
        role, reason = verdicts[number]
        content = text[line.start : line.end]
        run_on = find_run_on(content) if role is Role.BODY and len(content) >= _RUN_ON_CHARACTERS else None
        if run_on is None:
            found.append(Line(line.start, line.end, role, reason, number + n_cut))
            continue
        cut = line.start + run_on[0]
        found.append(
            Line(line.start, line.start + len(content[: run_on[0]].rstrip()), role, reason, number + n_cut)
        )
        n_cut += 1
        found.append(
            Line(cut, line.end, Role.BOILERPLATE, f"{run_on[1]}, run on behind the article", number + n_cut)
        )
        message = (
            f"site furniture ran on behind the article on one line; {line.end - cut:,} characters set apart"
        )
        notices.append(Notice("run-on-furniture", message))
    return found


def _page_lines(markup: str, page: html.FlatPage, notices: list[Notice]) -> list[Line]:
    """Return the lines of a flattened page."""
    from dragoman.corpora.extraction import extracted_lines

    extracted, notice = extracted_lines(markup, page)
    notices.append(notice)
    hints = [
        line.hint._replace(
            extracted=found, heading=1 if html.is_titled(line.text, page) else line.hint.heading
        )
        for line, found in zip(page.lines, extracted, strict=True)
    ]
    verdicts = assign_roles([line.text for line in page.lines], hints)
    lines, start = [], 0
    for number, (flat, verdict) in enumerate(zip(page.lines, verdicts, strict=True)):
        lines.append(Line(start, start + len(flat.text), verdict.role, verdict.reason, number))
        start += len(flat.text) + 1
    return lines


def _kept(line: Line) -> Line:
    if line.role is not Role.BOILERPLATE:
        return line
    return Line(line.start, line.end, Role.BODY, f"kept, as asked; otherwise {line.reason}", line.paragraph)
