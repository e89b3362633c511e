"""Which format a file is: by the end of its name."""

from pathlib import Path

from dragoman.corpora.formats.slots import Template
from dragoman.errors import FormatError

SUFFIXES = {
    ".txt": "plain",
    ".text": "plain",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".docx": "docx",
    ".srt": "subtitles",
    ".vtt": "subtitles",
    ".po": "po",
    ".pot": "po",
    ".xlf": "xliff",
    ".xliff": "xliff",
    ".tmx": "tmx",
    ".csv": "table",
    ".tsv": "table",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


def format_of(path: str | Path) -> str:
    """Return the name of a file's format.

    Raises:
        FormatError: no format has that ending.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise FormatError(
            f"{path}: cannot tell the format; expected a name that ends in {', '.join(SUFFIXES)}"
        )
    return SUFFIXES[suffix]


def read_template(
    data: bytes,
    name: str,
    *,
    kind: str | None = None,
    src_lang: str = "ar",
    tgt_lang: str = "en",
    source_column: str | None = None,
    target_column: str | None = None,
) -> Template:
    """Read a document of any format into its template.

    Args:
        data: the file.
        name: its name, which tells the format unless `kind` does.
        kind: a value of `SUFFIXES`.
        src_lang: source language.
        tgt_lang: target language.
        source_column: text column or field of tables and JSON lines.
        target_column: their column for translations.

    Raises:
        FormatError: the file does not follow its format.
        NotTextError: it is not text at all.
    """
    kind = kind or format_of(name)
    if kind == "plain":
        from dragoman.corpora.formats.plain import read_plain

        return read_plain(data, name)
    if kind == "markdown":
        from dragoman.corpora.formats.markdown import read_markdown

        return read_markdown(data, name)
    if kind == "html":
        from dragoman.corpora.formats.html import read_html

        return read_html(data, name, tgt_lang=tgt_lang)
    if kind == "docx":
        from dragoman.corpora.formats.docx import read_docx

        return read_docx(data, name, tgt_lang="en-US" if tgt_lang == "en" else tgt_lang)
    if kind == "subtitles":
        from dragoman.corpora.formats.subtitles import read_subtitles

        return read_subtitles(data, name)
    if kind == "po":
        from dragoman.corpora.formats.po import read_po

        return read_po(data, name, tgt_lang=tgt_lang)
    if kind == "xliff":
        from dragoman.corpora.formats.xliff import read_xliff_template

        return read_xliff_template(data, name, tgt_lang=tgt_lang)
    if kind == "tmx":
        from dragoman.corpora.formats.tmx import read_tmx_template

        return read_tmx_template(data, name, src_lang=src_lang, tgt_lang=tgt_lang)
    from dragoman.corpora.formats.tabular import read_jsonl_table, read_table

    if kind == "table":
        return read_table(data, name, source=source_column, target=target_column, tgt_lang=tgt_lang)
    if kind == "jsonl":
        return read_jsonl_table(data, name, source=source_column, target=target_column, tgt_lang=tgt_lang)
    raise ValueError(f"unknown format {kind!r}")
