"""Glossaries: source terms and the target terms that must stand for them, from CSV, TSV or TBX.

A term matches in folded spelling (`matching_key`) at word boundaries, behind the prefixes و ف ب ل ك ال.
Nothing is ever replaced in a translation: the glossary judges (`check`, `n_kept`), and whoever has several
hypotheses picks.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dragoman.corpora.normalisation import matching_key
from dragoman.errors import FormatError, InputError
from dragoman.units import Flag, Severity

_HEADERS = frozenset({"source", "src", "ar", "arabic", "term"})
_PREFIXES = r"(?:[وف])?(?:[بلك])?(?:ال|ل)?"


@dataclass(frozen=True, slots=True)
class Term:
    """A source term and its allowed targets; a term to be left untranslated is its own target."""

    src: str
    targets: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.src.strip() or not any(target.strip() for target in self.targets):
            raise ValueError(f"a term needs a source and a target, got {self!r}")


@dataclass(frozen=True)
class Glossary:
    """Terms, longest source first where several match at one place."""

    terms: Sequence[Term]

    def terms_in(self, src: str) -> list[Term]:
        """Return the terms that stand in a source text; inside a longer term a shorter one does not count."""
        key = matching_key(src)
        found, taken = [], [False] * len(key)
        for term, pattern in self._patterns:
            for match in pattern.finditer(key):
                span = range(match.start("term"), match.end("term"))
                if not any(taken[i] for i in span):
                    found.append(term)
                    taken[span.start : span.stop] = [True] * len(span)
                    break
        return found

    def kept(self, src: str, tgt: str) -> tuple[int, int]:
        """Return (terms of the source that the target has right, terms of the source)."""
        terms = self.terms_in(src)
        return sum(_is_in(term, tgt) for term in terms), len(terms)

    def missing(self, src: str, tgt: str) -> list[Term]:
        """Return the terms of the source that the target has not."""
        return [term for term in self.terms_in(src) if not _is_in(term, tgt)]

    def check(self, src: str, tgt: str) -> Iterator[Flag]:
        """Yield a warning for each term of the source that the target has not."""
        for term in self.missing(src, tgt):
            wanted = " or ".join(f"“{target}”" for target in term.targets)
            yield Flag("glossary", Severity.WARNING, f"{term.src} should be {wanted}")

    @cached_property
    def _patterns(self) -> list[tuple[Term, re.Pattern[str]]]:
        keyed = [(matching_key(term.src), term) for term in self.terms]
        keyed = sorted(((key, term) for key, term in keyed if key), key=lambda pair: -len(pair[0]))
        return [(term, _source_pattern(key)) for key, term in keyed]


def read_glossary(path: str | Path) -> Glossary:
    """Read a glossary: CSV or TSV with source, target and optionally further targets a row, or TBX.

    A first row of column names is skipped. An empty target, or one equal to the source, means "do not
    translate". Rows with one source add up.

    Raises:
        InputError: the file cannot be read.
        FormatError: a row has no source, or the TBX is not well-formed.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    if path.suffix.lower() in (".tbx", ".xml"):
        pairs = _tbx_pairs(data, str(path))
    else:
        pairs = _table_pairs(data, path)
    merged: dict[str, list[str]] = {}
    for src, targets in pairs:
        merged.setdefault(src, []).extend(targets or [src])
    return Glossary(tuple(Term(src, tuple(dict.fromkeys(targets))) for src, targets in merged.items()))


def _table_pairs(data: bytes, path: Path) -> Iterator[tuple[str, list[str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: not UTF-8; save the glossary as UTF-8") from error
    delimiter = "\t" if path.suffix.lower() == ".tsv" or "\t" in text.partition("\n")[0] else ","
    if delimiter == "," and ";" in (head := text.partition("\n")[0]) and "," not in head:
        delimiter = ";"
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith("#") or (number == 1 and cells[0].casefold() in _HEADERS):
            continue
        if not cells[0]:
            raise FormatError(f"{path}:{number}: no source term in the first column")
        yield cells[0], [cell for cell in cells[1:] if cell]


def _tbx_pairs(data: bytes, name: str) -> Iterator[tuple[str, list[str]]]:
    from dragoman.corpora.xml_text import XML_LANG, local_name, parse_document, plain_text

    for entry in parse_document(data, name).iter():
        if local_name(entry) not in ("termEntry", "conceptEntry"):
            continue
        by_lang: dict[str, list[str]] = {}
        for group in entry:
            if local_name(group) in ("langSet", "langSec"):
                lang = (group.get(XML_LANG) or group.get("lang") or "").partition("-")[0].casefold()
                terms = [plain_text(term).strip() for term in group.iter() if local_name(term) == "term"]
                by_lang.setdefault(lang, []).extend(term for term in terms if term)
        for src in by_lang.get("ar", []):
            yield src, by_lang.get("en", [])


def _source_pattern(key: str) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(word) for word in key.split())
    prefix = r"(?:[وف])?(?:[بك])?" if key.startswith("ال") else _PREFIXES
    if key[0].isascii():
        prefix = ""
    return re.compile(rf"(?<!\w){prefix}(?P<term>{words})(?!\w)")


def _is_in(term: Term, tgt: str) -> bool:
    """Tell whether a target of the term is in the text, in singular or plural, whatever its case."""
    text = " ".join(tgt.casefold().split())
    return any(
        re.search(rf"(?<!\w){re.escape(' '.join(target.casefold().split()))}(?:e?s|['’]s?)?(?!\w)", text)
        for target in term.targets
        if target.strip()
    )
