"""`dragoman segment`: text in, sentences out."""

import json
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING

import click

from dragoman.errors import InputError

if TYPE_CHECKING:
    from dragoman.units import Segment


@click.command()
@click.argument("file", default="-")
@click.option("--lang", default="ar", show_default=True, help="Language of the text (ar, en, other codes).")
@click.option(
    "--format",
    "layout",
    type=click.Choice(["text", "jsonl", "tsv"]),
    default="text",
    show_default=True,
    help="A sentence a line; or with offsets, role and paragraph.",
)
@click.option("--with-boilerplate", is_flag=True, help="Write what looks like site boilerplate as well.")
@click.option("--lines", is_flag=True, help="FILE is a corpus, a paragraph a line: stream it as it is.")
@click.option("--encoding", help="Encoding of the text; found out by default.")
@click.option("--force", is_flag=True, help="Go on when the text does not look like its language.")
def segment(
    file: str, lang: str, layout: str, with_boilerplate: bool, lines: bool, encoding: str | None, force: bool
) -> None:
    """Split FILE (text or HTML, "-" for standard input) into sentences, one a line.

    Line ends inside a sentence become spaces. Columns of tsv: start, end, role, paragraph, text; offsets
    count code points of the text as read.
    """
    from dragoman.corpora.reading import read
    from dragoman.corpora.segmentation import segment as split
    from dragoman.corpora.segmentation import segment_lines
    from dragoman.units import Role

    if lines:
        with _open(file, encoding or "utf-8") as stream:
            _write(segment_lines(stream, lang=lang), layout)
        return
    document = read(file, encoding=encoding, keep_all=with_boilerplate, lang=lang, any_language=force)
    for notice in document.notices:
        click.echo(f"{notice.severity}: {notice.message}", err=True)
    parts = split(document, lang=lang)
    _write((part for part in parts if part.role is not Role.BOILERPLATE), layout)


def _open(file: str, encoding: str) -> IO[str]:
    """Open a corpus for reading; what cannot be decoded becomes U+FFFD."""
    try:
        return click.open_file(file, encoding=encoding, errors="replace")
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from error
    except LookupError as error:
        raise InputError(f"{encoding}: no such encoding; try utf-8 or windows-1256") from error


def _write(segments: "Iterable[Segment]", layout: str) -> None:
    """Print segments in a layout, many at a time."""
    pending: list[str] = []
    for row in _rows(segments, layout):
        pending.append(row)
        if len(pending) == 1000:
            click.echo("\n".join(pending))
            pending.clear()
    if pending:
        click.echo("\n".join(pending))


def _rows(segments: "Iterable[Segment]", layout: str) -> Iterator[str]:
    from dragoman.corpora.normalisation import drop_controls

    for part in segments:
        text = part.text if layout == "jsonl" else drop_controls(" ".join(part.text.split()))
        if layout == "text":
            yield text
        elif layout == "tsv":
            yield f"{part.start}\t{part.end}\t{part.role}\t{part.paragraph}\t{text}"
        else:
            row = {
                "start": part.start,
                "end": part.end,
                "role": part.role,
                "paragraph": part.paragraph,
                "text": text,
            }
            yield json.dumps(row, ensure_ascii=False)
