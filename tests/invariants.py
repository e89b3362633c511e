"""What must hold for any text at all, as functions: hypothesis and the coverage-guided fuzzer call the same.

Each takes any strings, and fails by an AssertionError or by letting an error escape that is none of ours.
"""

import io
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Sequence

from lxml import etree

from dragoman.corpora.alignment import align
from dragoman.corpora.normalisation import drop_controls
from dragoman.corpora.oversize import cut
from dragoman.corpora.reading import read, read_text
from dragoman.corpora.segmentation import segment
from dragoman.corpora.tmx import read_tmx, write_tmx
from dragoman.corpora.xliff import read_xliff, write_xliff
from dragoman.corpora.xml_text import legal
from dragoman.errors import DragomanError
from dragoman.eval.article_report import ArticleReport, ModelFacts, ReferenceText
from dragoman.eval.report import render_article
from dragoman.translate.qa import check
from dragoman.units import Bitext, Document, Flag, Hypothesis, Role, Severity, TranslationUnit

_XLIFF = "{urn:oasis:names:tc:xliff:document:1.2}"
_WORD = re.compile(r"[^\W_]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_ACTIVE = ("img", "iframe", "object", "embed", "link", "base", "video")


def check_reading(data: bytes) -> None:
    """Bytes give a document in which each visible character belongs to a line, or one line of refusal."""
    for name in ("text.txt", "page.html"):
        try:
            document = read(data, any_language=True, name=name)
        except DragomanError as error:
            assert str(error) and "\n" not in str(error)
            continue
        check_document(document)


def check_document(document: Document) -> None:
    """Lines and segments are in order and leave out nothing that is visible."""
    assert not _CONTROLS.search(document.text)
    end = 0
    for line in document.lines:
        assert not document.text[end : line.start].strip()
        assert document.text[line.start : line.end].strip()
        assert line.reason
        end = line.end
    assert not document.text[end:].strip()
    end = 0
    for part in segment(document):
        assert not _WORD.search(document.text[end : part.start])
        end = part.end
    assert not _WORD.search(document.text[end:])
    assert all(notice.message and "\n" not in notice.message for notice in document.notices)


def check_segmentation(text: str) -> None:
    """Segments and gaps rebuild any string, no gap holds a word, and no segment is blank."""
    for lang in (None, "ar", "en"):
        end = 0
        for part in segment(text, lang=lang):
            assert part.start >= end
            assert part.text == text[part.start : part.end]
            assert part.text.strip()
            assert not _WORD.search(text[end : part.start])
            end = part.end
        assert not _WORD.search(text[end:])
    assert "".join(cut(text, 40)) == text


def check_alignment(src: Sequence[str], tgt: Sequence[str], mt: Sequence[str] | None = None) -> None:
    """Beads hold each sentence of both sides exactly once, whatever the sentences are."""
    beads = align(src, tgt, mt=mt)
    assert sorted(i for bead in beads for i in bead.src) == list(range(len(src)))
    assert sorted(j for bead in beads for j in bead.tgt) == list(range(len(tgt)))
    assert all(0.0 <= bead.confidence <= 1.0 for bead in beads)


def bitext_of(texts: Sequence[str]) -> Bitext:
    """Make a bitext of any strings: they become sources, targets, names, flags and properties."""
    padded = [*texts, *[""] * (-len(texts) % 3)]
    units = tuple(
        TranslationUnit(
            src,
            tgt,
            unit_id=f"s{number}",
            document=extra[:60],
            origin="mt",
            model=extra[:60],
            score=-0.5,
            flags=(Flag("odd", Severity.WARNING, " ".join(extra.split()) or "odd"),),
            props=(("x-extra", extra),),
        )
        for number, (src, tgt, extra) in enumerate(
            zip(padded[::3], padded[1::3], padded[2::3], strict=True), 1
        )
    )
    return Bitext(units, name=padded[0][:60] if padded else "")


def check_tmx(texts: Sequence[str], dtd: etree.DTD | None = None) -> None:
    """TMX of any strings is well-formed (and valid), and another parser and our own read it back equal."""
    bitext = bitext_of(texts)
    stream = io.BytesIO()
    write_tmx(bitext, stream)
    assert dtd is None or dtd.validate(etree.fromstring(stream.getvalue())), dtd.error_log
    rows = [
        {tuv.get("{http://www.w3.org/XML/1998/namespace}lang"): tuv.findtext("seg") or "" for tuv in tu.findall("tuv")}
        for tu in ElementTree.fromstring(stream.getvalue()).iter("tu")
    ]  # fmt: skip
    again = list(read_tmx(io.BytesIO(stream.getvalue())).units)
    assert len(rows) == len(again) == len(bitext.units)
    for unit, row, own in zip(bitext.units, rows, again, strict=True):
        assert (row.get("ar", ""), row.get("en", "")) == (legal(unit.src), legal(unit.tgt))
        assert (own.src, own.tgt) == (legal(unit.src), legal(unit.tgt))


def check_xliff(texts: Sequence[str], schema: etree.XMLSchema | None = None) -> None:
    """XLIFF 1.2 of any strings is well-formed (and valid), and read back equal by two parsers."""
    bitext = bitext_of(texts)
    stream = io.BytesIO()
    write_xliff(bitext, stream, original=bitext.name)
    assert schema is None or schema.validate(etree.fromstring(stream.getvalue())), schema.error_log
    root = ElementTree.fromstring(stream.getvalue())
    sources = Counter(unit.findtext(f"{_XLIFF}source") or "" for unit in root.iter(f"{_XLIFF}trans-unit"))
    assert sources == Counter(legal(unit.src) for unit in bitext.units)
    again = read_xliff(io.BytesIO(stream.getvalue())).units
    assert Counter((unit.src, unit.tgt) for unit in again) == Counter(
        (legal(unit.src), legal(unit.tgt)) for unit in bitext.units
    )


def check_report(text: str, translations: Sequence[str]) -> None:
    """The page of any article holds its text as text only: no element, attribute or control comes from it."""
    try:
        document = read_text(text, name=text[:50], any_language=True, keep_all=True)
    except DragomanError:
        return
    segments = tuple(part for part in segment(document) if part.role is not Role.BOILERPLATE)
    rows = [
        " ".join(translations[i % len(translations)].split()) if translations else ""
        for i in range(len(segments))
    ]
    hypotheses = tuple(
        Hypothesis(row, logprob=-1.0, n_src_tokens=3, n_tgt_tokens=3, flags=check(part.text, row))
        for part, row in zip(segments, rows, strict=True)
    )
    sentences = tuple(drop_controls(row) for row in translations)
    reference = ReferenceText(
        text[:50], sentences, tuple(align([s.text for s in segments], sentences, mt=rows))
    )
    page = render_article(
        ArticleReport("", document, segments, hypotheses, ModelFacts("model"), references=(reference,))
    )
    assert not _CONTROLS.search(page)
    tree = etree.HTML(page)
    assert len(tree.findall(".//script")) == 1
    assert not [element for tag in _ACTIVE for element in tree.findall(f".//{tag}")]
    assert not [name for element in tree.iter() for name in element.attrib if str(name).startswith("on")]
