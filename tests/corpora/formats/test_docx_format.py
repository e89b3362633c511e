"""DOCX: every kind of text, formatting kept, right to left turned round; checked with python-docx."""

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from dragoman.corpora.formats.docx import read_docx
from dragoman.corpora.formats.slots import Rebuilt, whole
from dragoman.errors import DragomanError, FormatError, NotTextError

W = nsdecls("w")


def _paragraph(document: docx.document.Document, inner: str) -> None:
    body = document.element.body
    body.insert(len(body) - 1, parse_xml(f"<w:p {W}><w:pPr><w:bidi/></w:pPr>{inner}</w:p>"))


def _run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}<w:rtl/></w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


@pytest.fixture(scope="module")
def package() -> bytes:
    document = docx.Document()
    document.add_heading("عنوان", level=1)
    _paragraph(
        document, _run("قالت ") + _run("BBC", "<w:b/><w:bCs/><w:szCs w:val='36'/>") + _run(" إن العدد 12")
    )
    _paragraph(document, _run("نص عري", "<w:lang w:bidi='ar-SA'/>") + _run("ض"))  # split for spelling only
    _paragraph(
        document,
        _run("انظر ")
        + f"<w:hyperlink w:anchor='x'>{_run('README', '<w:i/>')}</w:hyperlink>"
        + "<w:r><w:footnoteReference w:id='2'/></w:r>",
    )
    _paragraph(document, _run("قبل") + "<w:r><w:tab/></w:r>" + _run("بعد"))
    table = document.add_table(rows=1, cols=2)
    table._tbl.tblPr.append(parse_xml(f"<w:bidiVisual {W}/>"))
    table.rows[0].cells[0].text = "خلية"
    document.sections[0].header.paragraphs[0].text = "رأس الصفحة"
    document.sections[0].footer.paragraphs[0].text = "ذيل الصفحة"
    stream = io.BytesIO()
    document.save(stream)
    with zipfile.ZipFile(stream, "a") as opened:
        note = f"<w:footnotes {W}><w:footnote w:id='2'><w:p>{_run('حاشية')}</w:p></w:footnote></w:footnotes>"
        opened.writestr("word/footnotes.xml", note)
    return stream.getvalue()


def translated(package: bytes, **targets: str) -> Rebuilt:
    template = read_docx(package, "x.docx")
    return template.rebuild(
        [whole(slot, targets.get(f"t{i}", f"T{i}")) for i, slot in enumerate(template.slots)]
    )


def test_body_tables_headers_footers_and_notes_are_slots(package: bytes) -> None:
    template = read_docx(package, "x.docx")
    assert [(slot.text, slot.kind) for slot in template.slots] == [
        ("عنوان", "heading"),
        ("قالت BBC إن العدد 12", "text"),
        ("نص عريض", "text"),
        ("انظر README", "text"),
        ("قبل\tبعد", "text"),
        ("خلية", "cell"),
        ("ذيل الصفحة", "footer"),
        ("حاشية", "footnote"),
        ("رأس الصفحة", "header"),
    ]
    assert template.slots[2].codes == ()


def test_python_docx_opens_the_result_with_everything_in_place(package: bytes) -> None:
    rebuilt = translated(package, t1="The BBC said it was 12")
    document = docx.Document(io.BytesIO(rebuilt.data))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts == ["T0", "The BBC said it was 12", "T2", "T3", "T4"]
    style = document.paragraphs[0].style
    assert style is not None and style.name == "Heading 1"
    assert document.tables[0].rows[0].cells[0].text == "T5"
    assert document.sections[0].header.paragraphs[0].text == "T8"
    bold = [run.text for run in document.paragraphs[1].runs if run.bold]
    assert bold == ["BBC"]
    assert rebuilt.moved == (3,)


def test_links_and_note_marks_survive(package: bytes) -> None:
    document = docx.Document(io.BytesIO(translated(package, t3="See README").data))
    (link,) = document.paragraphs[3].hyperlinks
    assert (link.text, link.fragment) == ("README", "x")
    assert link.runs[0].italic is True
    assert document.paragraphs[3]._p.find(f".//{qn('w:footnoteReference')}") is not None


def test_directions_are_turned_and_right_to_left_sizes_kept(package: bytes) -> None:
    rebuilt = translated(package, t1="The BBC said it was 12")
    with zipfile.ZipFile(io.BytesIO(rebuilt.data)) as opened:
        parts = "".join(opened.read(name).decode() for name in opened.namelist() if name.endswith(".xml"))
    for setting in ("<w:bidi/>", "<w:rtl/>", "<w:bidiVisual/>"):
        assert setting not in parts
    document = docx.Document(io.BytesIO(rebuilt.data))
    bold = next(run for run in document.paragraphs[1].runs if run.bold)
    assert bold.font.size is not None and bold.font.size.pt == 18


def test_equal_inputs_give_equal_files_and_other_parts_are_copied(package: bytes) -> None:
    one, two = translated(package).data, translated(package).data
    assert one == two
    with zipfile.ZipFile(io.BytesIO(package)) as before, zipfile.ZipFile(io.BytesIO(one)) as after:
        assert before.namelist() == after.namelist()
        for name in ("[Content_Types].xml", "word/_rels/document.xml.rels"):
            assert before.read(name) == after.read(name)


def test_a_document_without_translations_keeps_its_texts(package: bytes) -> None:
    template = read_docx(package, "x.docx")
    again = read_docx(template.rebuild([None] * len(template.slots)).data, "x.docx")
    assert [slot.text for slot in again.slots] == [slot.text for slot in template.slots]


@pytest.mark.parametrize("data", [b"", b"\xd0\xcf\x11\xe0old", b"PK\x03\x04damaged", "نص".encode()])
def test_what_is_no_docx_is_refused(data: bytes) -> None:
    with pytest.raises(NotTextError, match=r"x\.docx"):
        read_docx(data, "x.docx")


def test_a_zip_of_something_else_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        opened.writestr("mimetype", "application/epub+zip")
    with pytest.raises(NotTextError, match="not a DOCX file"):
        read_docx(stream.getvalue(), "x.docx")


def test_a_document_damaged_at_any_byte_is_read_or_refused(package: bytes) -> None:
    for place in range(0, len(package), max(1, len(package) // 150)):
        damaged = package[:place] + bytes([package[place] ^ 0x55]) + package[place + 1 :]
        try:
            template = read_docx(damaged, "a.docx")
            template.rebuild([None] * len(template.slots))
        except DragomanError as error:
            assert "\n" not in str(error)


def test_a_package_that_unpacks_to_gigabytes_is_refused(
    package: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dragoman.corpora.formats.docx._MAX_PACKAGE_BYTES", 10_000)
    with pytest.raises(FormatError, match="unpacks to over"):
        read_docx(package, "a.docx")
