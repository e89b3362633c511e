"""Bilingual tables for reviewers: source right to left beside its translation, with doubts, as DOCX and HTML.

The DOCX is for a reviewer without a CAT tool: the third column can be overwritten. The HTML page stands
alone, needs no network and prints well. Text is escaped; characters that reorder a line are left out of the
page.
"""

from collections.abc import Iterator
from html import escape
from typing import BinaryIO

from dragoman.corpora.normalisation import drop_bidi_controls
from dragoman.corpora.provenance import flag_to_text
from dragoman.corpora.xml_text import legal
from dragoman.units import Bitext, Severity, TranslationUnit

_RTL_LANGUAGES = frozenset({"ar", "fa", "he", "ur"})
_SHADES = {Severity.ERROR: "F8D7DA", Severity.WARNING: "FFF3CD"}
_STYLE = """
:root{color-scheme:light dark;--line:#8886;--error:#d33;--warning:#b80}
body{font:16px/1.5 system-ui,sans-serif;margin:1rem auto;max-width:75rem;padding:0 1rem}
table{border-collapse:collapse;width:100%;table-layout:fixed}
th,td{border-bottom:1px solid var(--line);padding:.4rem .6rem;text-align:start;vertical-align:top;
overflow-wrap:anywhere}
col.n{width:3.5rem}col.f{width:18%}
tr.error td:first-child{border-inline-start:4px solid var(--error)}
tr.warning td:first-child{border-inline-start:4px solid var(--warning)}
ul{margin:0;padding-inline-start:1.1rem}h2{font-size:1rem;margin:1.5rem 0 .3rem}
[dir=rtl]{font-size:1.1em}
@media(max-width:40rem){table,tbody,tr,td{display:block;width:auto}colgroup,thead{display:none}}
@media print{body{max-width:none}tr{break-inside:avoid}}
"""


def write_review_html(bitext: Bitext, stream: BinaryIO, *, title: str, note: str = "") -> None:
    """Write a self-contained HTML page with a row a unit, numbered by its id where it has one.

    Args:
        bitext: its units are read once, in order; a heading is set where the document changes.
        stream: binary, left open.
        title: of the page.
        note: stands below the title.
    """

    def write(text: str) -> None:
        stream.write(text.encode("utf-8", "replace"))

    src = f'lang="{escape(bitext.src_lang)}" dir="{_direction(bitext.src_lang)}"'
    tgt = f'lang="{escape(bitext.tgt_lang)}" dir="{_direction(bitext.tgt_lang)}"'
    write(
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{_html(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{_html(title)}</h1>\n"
        f"{f'<p>{_html(note)}</p>' if note else ''}"
        '<table><colgroup><col class="n"><col><col><col class="f"></colgroup>'
        "<thead><tr><th>#</th><th>Source</th><th>Translation</th><th>Doubts</th></tr></thead><tbody>\n"
    )
    document = ""
    for number, unit in enumerate(bitext.units, 1):
        if unit.document != document:
            document = unit.document
            write(f'<tr><td colspan="4"><h2>{_html(document)}</h2></td></tr>\n')
        flags = "".join(f"<li>{_html(flag_to_text(flag))}</li>" for flag in unit.flags)
        name = _html(unit.unit_id or str(number))
        write(
            f'<tr class="{_worst(unit)}"><td>{name}</td><td {src}>{_html(unit.src)}</td>'
            f"<td {tgt}>{_html(unit.tgt)}</td><td>{f'<ul>{flags}</ul>' if flags else ''}</td></tr>\n"
        )
    write("</tbody></table></body></html>\n")


def write_review_docx(bitext: Bitext, stream: BinaryIO, *, title: str, note: str = "") -> None:
    """Write a landscape DOCX table: number or id, source (right to left), translation, doubts.

    Args:
        bitext: its units, in order; a row with its name is set where the document changes.
        stream: binary, left open.
        title: heading of the document.
        note: stands below the heading.
    """
    import io
    from datetime import datetime

    import docx
    from docx.enum.section import WD_ORIENT

    document = docx.Document()
    epoch = datetime(2000, 1, 1)  # equal bitexts give equal files
    document.core_properties.created = document.core_properties.modified = epoch
    document.core_properties.title = legal(title)
    document.core_properties.author = "dragoman"
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    document.add_heading(legal(title), level=1)
    if note:
        document.add_paragraph(legal(note))
    table = document.add_table(rows=1, cols=4)
    table.style = "Table Grid"
    for cell, heading in zip(table.rows[0].cells, ("#", "Source", "Translation", "Doubts"), strict=True):
        cell.text = heading
    rows = "".join(_rows(bitext))
    _append_rows(table, rows)
    buffer = io.BytesIO()
    document.save(buffer)
    stream.write(_without_dates(buffer.getvalue()))


def _append_rows(table: object, rows: str) -> None:
    """Append table rows given as XML: adding them cell by cell takes quadratic time."""
    from lxml import etree

    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    parsed = etree.fromstring(f'<w:tbl xmlns:w="{namespace}">{rows}</w:tbl>', etree.XMLParser(huge_tree=True))
    for row in list(parsed):
        table._tbl.append(row)  # type: ignore[attr-defined]  # the library has no public way


def _rows(bitext: Bitext) -> Iterator[str]:
    document = ""
    for number, unit in enumerate(bitext.units, 1):
        if unit.document != document:
            document = unit.document
            yield f"<w:tr>{_cell(document, '', is_heading=True)}</w:tr>"
        worst = next((shade for severity, shade in _SHADES.items() if _has(unit, severity)), "")
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{worst}"/>' if worst else ""
        flags = "\n".join(flag_to_text(flag) for flag in unit.flags)
        name = unit.unit_id or str(number)
        yield (
            f"<w:tr>{_cell(name, shade)}{_cell(unit.src, '', _direction(bitext.src_lang))}"
            f"{_cell(unit.tgt, '', _direction(bitext.tgt_lang))}{_cell(flags, shade)}</w:tr>"
        )


def _cell(text: str, shade: str, direction: str = "ltr", *, is_heading: bool = False) -> str:
    is_rtl = direction == "rtl"
    paragraph = "<w:pPr><w:bidi/></w:pPr>" if is_rtl else ""
    run = "<w:rPr><w:rtl/></w:rPr>" if is_rtl else "<w:rPr><w:b/></w:rPr>" if is_heading else ""
    if is_heading:
        shade = '<w:gridSpan w:val="4"/>'
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>'
        for line in legal(text).replace("\r", "").split("\n")
    )
    return f"<w:tc><w:tcPr>{shade}</w:tcPr><w:p>{paragraph}<w:r>{run}{lines}</w:r></w:p></w:tc>"


def _without_dates(data: bytes) -> bytes:
    """Rewrite a package with fixed dates of its members."""
    import io
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for info in old.infolist():
            member = zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, old.read(info.filename))
    return stream.getvalue()


def _html(text: str) -> str:
    return escape(drop_bidi_controls(legal(text))).replace("\n", "<br>")


def _direction(lang: str) -> str:
    return "rtl" if lang.partition("-")[0].casefold() in _RTL_LANGUAGES else "ltr"


def _has(unit: TranslationUnit, severity: Severity) -> bool:
    return any(flag.severity is severity for flag in unit.flags)


def _worst(unit: TranslationUnit) -> str:
    return next((severity.value for severity in _SHADES if _has(unit, severity)), "")
