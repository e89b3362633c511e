"""The documents of a batch job: articles, and files of other formats that are written back in their own kind.

Plain text is read as an article: what surrounds it is set apart. Of every other format (HTML, DOCX, …)
each slot of the file's template is a paragraph of a document: segmenting, translating, checking and reviewing
are the same for all, and the translations go back into the template.
"""

from dataclasses import dataclass
from pathlib import Path

from dragoman.corpora.formats.registry import SUFFIXES, read_template
from dragoman.corpora.formats.slots import Piece, Template, Translation
from dragoman.corpora.language import check_language
from dragoman.corpora.reading import read, read_text
from dragoman.corpora.segmentation import segment
from dragoman.errors import LanguageError, NoTextError
from dragoman.translate.translated import Translated
from dragoman.units import Document, Line, Origin, Role, Segment


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was read: its text, what of it is translated, and the template it goes back into."""

    document: Document
    segments: tuple[Segment, ...]
    template: Template | None = None


def read_source(content: str | bytes, name: str, *, keep_all: bool, any_language: bool) -> Source:
    """Read a document of any format.

    Args:
        content: bytes of a file, or a text.
        name: path as given; its suffix tells the format of bytes.
        keep_all: translate what surrounds an article as well.
        any_language: go on when the text does not look Arabic.

    Raises:
        InputError: it cannot be used.
    """
    kind = SUFFIXES.get(Path(name).suffix.lower(), "plain")
    if isinstance(content, str):
        document = read_text(content, name=name, keep_all=keep_all, any_language=any_language)
    elif kind == "plain":
        document = read(content, name=name, keep_all=keep_all, any_language=any_language)
    else:
        return _from_template(read_template(content, name), name, any_language=any_language)
    return Source(document, _translatable(document))


def rebuild(translated: Translated, template: Template) -> bytes:
    """Put a document's translations back into its template, sentence by sentence."""
    found: dict[int, list[int]] = {}
    for index, part in enumerate(translated.segments):
        found.setdefault(part.paragraph, []).append(index)
    starts = {line.paragraph: line.start for line in translated.document.lines}
    filled = [i for i, slot in enumerate(template.slots) if slot.text]
    translations: list[Translation | None] = [None] * len(template.slots)
    for paragraph, slot in enumerate(filled):
        indices = found.get(paragraph)
        if indices is None:
            continue  # nothing in it but marks: it stays
        parts = [translated.segments[i] for i in indices]
        hypotheses = [translated.hypotheses[i] for i in indices]
        start = starts[paragraph]
        origins = {hypothesis.origin for hypothesis in hypotheses}
        translations[slot] = Translation(
            tuple(
                Piece(part.start - start, part.end - start, hypothesis.text)
                for part, hypothesis in zip(parts, hypotheses, strict=True)
            ),
            str(origins.pop() if len(origins) == 1 else Origin.MT),
            tuple(match for i in indices if len(indices) == 1 for match in translated.matches.get(i, ())),
            tuple(dict.fromkeys(flag for hypothesis in hypotheses for flag in hypothesis.flags)),
        )
    return template.rebuild(translations).data


def _from_template(template: Template, name: str, *, any_language: bool) -> Source:
    texts = [slot.text for slot in template.slots if slot.text]
    if not texts:
        raise NoTextError(f"no text to translate in {name}")
    text = "\n".join(texts)
    refusal = check_language(text, "ar", name)
    if refusal is not None and not (any_language and isinstance(refusal, LanguageError)):
        raise refusal
    lines: list[Line] = []
    start = 0
    for paragraph, content in enumerate(texts):
        lines.append(Line(start, start + len(content), Role.BODY, "slot of the document", paragraph))
        start += len(content) + 1
    document = Document(name, text, tuple(lines))
    return Source(document, _translatable(document), template)


def _translatable(document: Document) -> tuple[Segment, ...]:
    return tuple(part for part in segment(document) if part.role is not Role.BOILERPLATE)
