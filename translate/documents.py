"""The documents of a batch job: articles, and files of other formats that are written back in their own kind.

Plain text is read as an article: what surrounds it is set apart. Of every other format (HTML, DOCX, …)
each slot of the file's template is a paragraph of a document: segmenting, translating, checking and reviewing
are the same for all, and the translations go back into the template.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dragoman.corpora.decoding import decode
from dragoman.corpora.formats.registry import SUFFIXES, read_template
from dragoman.corpora.formats.slots import Piece, Template, Translation, place_codes
from dragoman.corpora.html import declared_encoding
from dragoman.corpora.language import check_language
from dragoman.corpora.reading import read, read_text
from dragoman.corpora.repetition import set_apart
from dragoman.corpora.segmentation import segment
from dragoman.errors import LanguageError, NoTextError
from dragoman.translate.translated import Translated
from dragoman.units import Document, Flag, Line, Notice, Origin, Role, Segment, Severity

_TEXT_KINDS = frozenset({"html", "markdown", "subtitles", "table"})  # their encoding is found out
_MOVED = Flag(
    "tag-moved", Severity.WARNING, "formatting or tags could not keep their place: moved, or left out (bold)"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was read.

    Attributes:
        document: its text.
        segments: what of it is translated.
        template: what the translations go back into, None for articles.
        original: its bytes, of a text in UTF-8.
    """

    document: Document
    segments: tuple[Segment, ...]
    template: Template | None = None
    original: bytes = b""


def read_source(
    content: str | bytes,
    name: str,
    *,
    keep_all: bool,
    any_language: bool,
    repeated: frozenset[int] = frozenset(),
) -> Source:
    """Read a document of any format.

    Args:
        content: bytes of a file, or a text.
        name: path as given; its suffix tells the format of bytes.
        keep_all: translate what surrounds an article as well.
        any_language: go on when the text does not look Arabic.
        repeated: keys of lines that other articles of the job hold as well, set apart.

    Raises:
        InputError: it cannot be used.
    """
    kind = SUFFIXES.get(Path(name).suffix.lower(), "plain")
    if isinstance(content, str):
        document = read_text(content, name=name, keep_all=keep_all, any_language=any_language)
    elif kind == "plain":
        document = read(content, name=name, keep_all=keep_all, any_language=any_language)
    else:
        return _from_template(content, name, any_language=any_language)
    document = set_apart(document, repeated)
    return Source(document, _translatable(document), original=document.text.encode("utf-8", "replace"))


def rebuild(translated: Translated, template: Template) -> tuple[Translated, bytes]:
    """Put a document's translations back into its template, sentence by sentence.

    Returns:
        The document, with a flag on the segments whose inline codes could not keep their place, and the file.
    """
    flagged = _with_moved(translated, template)
    translations = _translations(flagged, template)
    return flagged, template.rebuild(translations).data


def _with_moved(translated: Translated, template: Template) -> Translated:
    """Flag the segments of slots whose codes cannot keep their place: those with codes inside, else all."""
    # Found out before anything is rebuilt, so that formats with notes can note it; most slots have no codes.
    moved = {
        index
        for index, translation in enumerate(_translations(translated, template))
        if translation is not None
        and template.slots[index].codes
        and place_codes(template.slots[index], translation)[1]
    }
    if not moved:
        return translated
    hypotheses = list(translated.hypotheses)
    for index, start, segments in _filled(translated, template):
        if index not in moved:
            continue
        positions = [code.position for code in template.slots[index].codes]
        parts = [(i, translated.segments[i]) for i in segments]
        inside = [i for i, part in parts if any(part.start < start + at < part.end for at in positions)]
        for i in inside or segments:
            hypotheses[i] = replace(hypotheses[i], flags=(*hypotheses[i].flags, _MOVED))
    return replace(translated, hypotheses=tuple(hypotheses))


def _translations(translated: Translated, template: Template) -> list[Translation | None]:
    """Return what goes into each slot; None where there is nothing but marks, which stay."""
    translations: list[Translation | None] = [None] * len(template.slots)
    for index, start, segments in _filled(translated, template):
        parts = [(translated.segments[i], translated.hypotheses[i]) for i in segments]
        origins = {hypothesis.origin for _, hypothesis in parts}
        translations[index] = Translation(
            tuple(Piece(part.start - start, part.end - start, hypothesis.text) for part, hypothesis in parts),
            str(origins.pop() if len(origins) == 1 else Origin.MT),
            tuple(match for i in segments if len(segments) == 1 for match in translated.matches.get(i, ())),
            tuple(dict.fromkeys(flag for _, hypothesis in parts for flag in hypothesis.flags)),
        )
    return translations


def _filled(translated: Translated, template: Template) -> Iterator[tuple[int, int, list[int]]]:
    """Yield (slot, where its text starts in the document, indices of its segments) of slots with segments."""
    found: dict[int, list[int]] = {}
    for i, part in enumerate(translated.segments):
        found.setdefault(part.paragraph, []).append(i)
    starts = {line.paragraph: line.start for line in translated.document.lines}
    with_text = [index for index, slot in enumerate(template.slots) if slot.text]
    for paragraph, index in enumerate(with_text):
        if paragraph in found:
            yield index, starts[paragraph], found[paragraph]


def _from_template(content: bytes, name: str, *, any_language: bool) -> Source:
    template = read_template(content, name)
    texts = [slot.text for slot in template.slots if slot.text]
    if not texts:
        raise NoTextError(f"no text to translate in {name}")
    text = "\n".join(texts)
    refusal = check_language(text, "ar", name)
    if refusal is not None and not (any_language and isinstance(refusal, LanguageError)):
        raise refusal
    lines: list[Line] = []
    start = 0
    for paragraph, line in enumerate(texts):
        lines.append(Line(start, start + len(line), Role.BODY, "slot of the document", paragraph))
        start += len(line) + 1
    notices: tuple[Notice, ...] = ()
    kind = SUFFIXES[Path(name).suffix.lower()]
    if kind in _TEXT_KINDS:
        declared = declared_encoding(content) if kind == "html" else None
        notices = decode(content, name=name, declared=declared).notices
    if refusal is not None:
        notices += (Notice("language", str(refusal)),)
    document = Document(name, text, tuple(lines), notices)
    return Source(document, _translatable(document), template, content)


def _translatable(document: Document) -> tuple[Segment, ...]:
    return tuple(part for part in segment(document) if part.role is not Role.BOILERPLATE)
