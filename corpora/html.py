"""A page's visible text, flattened to a block a line, with what the markup says about each line.

The page is read as a stream of events: nesting of any depth costs neither stack nor tree (libxml2 builds no
tree deeper than 2,048). Nothing is loaded from anywhere and no entities but HTML's own are expanded. White
space is collapsed as browsers do; zero-width joiners and no-break spaces stay.
"""

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import accumulate
from typing import NamedTuple

from lxml import etree

from dragoman.corpora.evidence import Hint
from dragoman.corpora.normalisation import drop_controls
from dragoman.corpora.phrases import phrase_key

_FURNITURE_TAGS = {
    "nav": "navigation",
    "menu": "navigation",
    "aside": "side column",
    "footer": "page foot",
    "form": "form",
    "button": "button",
    "label": "form",
    "dialog": "dialog",
    "figcaption": "caption",
}
_FURNITURE_ROLES = {
    "navigation": "navigation",
    "banner": "page head",
    "contentinfo": "page foot",
    "complementary": "side column",
    "search": "search",
    "dialog": "dialog",
    "alertdialog": "dialog",
    "form": "form",
}
# These hold whole pages and carry names of everything that the page has.
_UNNAMED_TAGS = frozenset({"html", "body", "article", "main"})
_NAME_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_COLLAPSED = re.compile("[ \t\n\r\f]+")
_INNER_END = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LOOKS_LIKE_HTML = re.compile(
    r"\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>])",
    re.IGNORECASE | re.DOTALL,
)
# Anchored at the start: searched for anywhere it would scan to the end of the page from each beginning.
_SUBSET = re.compile(
    r"(\ufeff?\s*(?:<\?xml[^>]*>\s*)?)<!DOCTYPE[^<>\[]{0,500}\[.*?\]\s*>", re.IGNORECASE | re.DOTALL
)
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]+)|<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]+)",
    re.I,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:(?=[^>]{0,1000}>)[^>]*>)?")
_MANY_TAGS = 20_000  # a page of news has some thousands
_SUFFIXES = (".html", ".htm", ".xhtml", ".shtml")
_MOST = 0.5  # of a page's prose stands in one element, the article's
_MAJORITY = {"comments": 0.9}  # comments may be longer than the article
_DEFAULT_MAJORITY = 0.6


class FlatLine(NamedTuple):
    """A block of a page: its text on one line, and what the markup says about it."""

    text: str
    hint: Hint


@dataclass(frozen=True, slots=True)
class FlatPage:
    """A page's visible text, block by block.

    Attributes:
        lines: the blocks in the page's order.
        titles: what stands in `<title>` and `og:title`, not part of the visible text.
        n_hidden: characters that the page itself hides and that were left out.
    """

    lines: tuple[FlatLine, ...]
    titles: tuple[str, ...]
    n_hidden: int


def is_html(text: str, name: str) -> bool:
    """Tell whether a text is a page: it begins as one, or its name says so and there is markup in it."""
    return bool(_LOOKS_LIKE_HTML.match(text[:5000])) or (
        name.casefold().endswith(_SUFFIXES) and bool(re.search(r"<[a-zA-Z!/]", text))
    )


def declared_encoding(data: bytes) -> str | None:
    """Return the encoding that a page's first bytes declare, None when they declare none."""
    match = _DECLARED.search(data[:4096])
    return (match[1] or match[2]).decode("ascii", "replace") if match else None


def flatten(text: str) -> FlatPage:
    """Return the visible text of a page, a block a line."""
    # The parser would show the rest of a document type's internal subset as text.
    subset = _SUBSET.match(text)
    if subset is not None:
        text = subset[1] + text[subset.end() :]
    if text.count("</") > _MANY_TAGS:
        text = _without_stray_ends(text)
    flattener = _Flattener()
    # Always UTF-8 here, whatever the page declares: the bytes have been decoded.
    parser = etree.HTMLParser(  # type: ignore[call-overload]  # the stub asks for methods that HTML never needs
        target=flattener, encoding="utf-8", no_network=True, huge_tree=True
    )
    parser.feed(text.encode("utf-8", "replace"))
    with suppress(etree.XMLSyntaxError):  # a page without any element, such as an empty one
        parser.close()
    return flattener.page()


def _without_stray_ends(text: str) -> str:
    """Drop end tags of elements that are not open: libxml2 looks for each through all that are."""
    n_open: Counter[str] = Counter()

    def keep(match: re.Match[str]) -> str:
        tag = match[2].lower()
        n_open[tag] += -1 if match[1] else 1
        if n_open[tag] >= 0:
            return match[0]
        n_open[tag] = 0
        return "<!-- -->"

    return _TAG.sub(keep, text)


def is_titled(text: str, page: FlatPage) -> bool:
    """Tell whether a line is what the page is called in `<title>`, but for the name of the site there."""
    key = phrase_key(text[:500])
    return len(key.split()) >= 2 and any(
        key in title and 2 * len(key) >= len(title)
        for title in (phrase_key(title[:500]) for title in page.titles)
    )


@dataclass(slots=True)
class _Element:
    """An open element and what it means for the text in it."""

    tag: str
    is_hidden: bool
    furniture: int  # index into _Flattener.furniture, -1 for none
    start: int  # the block that it begins with


@dataclass(slots=True)
class _Furniture:
    """A part of the page that articles do not stand in: why, in which part it stands, what it holds."""

    reason: str
    parent: int
    start: int
    end: int


@dataclass(slots=True)
class _Block:
    """A line being gathered."""

    pieces: list[str] = field(default_factory=list)
    n_linked: int = 0
    heading: int = 0
    furniture: int = -1


class _Flattener:
    """Target of the event parser: lxml calls start, end, data and close."""

    def __init__(self) -> None:
        self._furniture: list[_Furniture] = []
        self._open: list[_Element] = []
        self._n_open: Counter[str] = Counter()
        self._n_hidden_open = 0
        self._n_links = 0
        self._heading: list[int] = []
        self._active: list[int] = []  # furniture elements that are open
        self._block = _Block()
        self._blocks: list[_Block] = []
        self._titles: list[str] = []
        self._in_title = False
        self._ranges: list[tuple[int, int]] = []  # blocks of the elements, inner ones first
        self._n_hidden = 0
        self._ended = ""

    def start(self, tag: str, attrib: dict[str, str]) -> None:
        if tag in _tags("block"):
            self._break()
        if tag == "meta" and attrib.get("property", attrib.get("name", "")) in ("og:title", "twitter:title"):
            self._titles.append(attrib.get("content", ""))
        if tag in _tags("void"):
            return
        reason = _furniture_reason(tag, attrib)
        furniture = -1
        if reason:
            furniture = len(self._furniture)
            parent = self._active[-1] if self._active else -1
            self._furniture.append(_Furniture(reason, parent, len(self._blocks), -1))
            self._active.append(furniture)
        is_hidden = tag in _tags("invisible") or _is_hidden(attrib)
        self._n_hidden_open += is_hidden
        self._n_links += tag == "a"
        if tag in _HEADINGS:
            self._heading.append(int(tag[1]))
        self._in_title = self._in_title or tag == "title"
        if self._ended and "a" in (tag, self._ended):
            self._block.pieces.append(
                " "
            )  # a link and its neighbour are different things, even without a space
        self._ended = ""
        self._open.append(_Element(tag, is_hidden, furniture, len(self._blocks)))
        self._n_open[tag] += 1

    def end(self, tag: str) -> None:
        if tag in _tags("void") or not self._n_open[tag]:
            return
        while self._open:
            element = self._open.pop()
            self._close(element)
            self._ended = element.tag
            if element.tag == tag:
                break

    def data(self, data: str) -> None:
        # Character references may name what the reader has dropped from the page's own text.
        data = drop_controls(_INNER_END.sub(" ", data))
        if self._in_title:
            self._titles.append(data)
        elif self._n_hidden_open:
            self._n_hidden += 0 if self._is_code() else len(data.strip())
        else:
            self._block.pieces.append(data)
            self._ended = ""
            if self._n_links:
                self._block.n_linked += len(_COLLAPSED.sub("", data))
            if data.strip():
                self._block.heading = self._heading[-1] if self._heading else 0
                self._block.furniture = self._active[-1] if self._active else -1

    def comment(self, text: str) -> None:
        """Ignore comments."""

    def pi(self, target: str, data: str | None = None) -> None:
        """Ignore processing instructions."""

    def close(self) -> None:
        self._break()

    def page(self) -> FlatPage:
        """Return what was gathered."""
        texts = ["".join(block.pieces) for block in self._blocks]
        texts = [_COLLAPSED.sub(" ", text).strip(" ") for text in texts]
        reasons = self._reasons(texts)
        start, end = self._container(texts, reasons)
        lines = []
        for index, (block, text) in enumerate(zip(self._blocks, texts, strict=True)):
            reason = reasons[block.furniture]
            n_linked = block.n_linked / max(1, len(text.replace(" ", "")))
            if not reason and n_linked > 0.8 and block.heading != 1 and len(text.split()) <= 25:
                reason = "link"
            is_outside = not start <= index < end
            lines.append(FlatLine(text, Hint(heading=block.heading, furniture=reason, is_outside=is_outside)))
        titles = tuple(
            _COLLAPSED.sub(" ", title[:500]).strip() for title in self._titles[:20] if title.strip()
        )
        return FlatPage(tuple(lines), titles, self._n_hidden)

    def _container(self, texts: Sequence[str], reasons: Sequence[str]) -> tuple[int, int]:
        """Return the blocks of the smallest element that holds most of the prose outside furniture."""
        plain = [
            0 if reasons[block.furniture] else _n_prose(text)
            for block, text in zip(self._blocks, texts, strict=True)
        ]
        prose = [0, *accumulate(plain)]
        return next(
            ((start, end) for start, end in self._ranges if prose[end] - prose[start] > _MOST * prose[-1]),
            (0, len(texts)),
        )

    def _reasons(self, texts: Sequence[str]) -> list[str]:
        """Return the reason that counts in each furniture element, and "" last, for text in none (index -1).

        A form or a column that holds most of the page's prose is no furniture, some pages are one form, nor
        is a column (a "widget" of page builders) that holds the headline: then the part around it counts.
        """
        whole = [0, *accumulate(map(_n_prose, texts))]
        begins = [0] * (len(texts) + 1)  # comments that begin at a block, less those that end
        for part in self._furniture:
            if part.reason == "comments":
                begins[part.start] += 1
                begins[part.end] -= 1  # an open one ends at the last place
        # Comments may be longer than the article: they are no measure for what holds it.
        sizes = (
            0 if inside else _n_prose(text) for text, inside in zip(texts, accumulate(begins), strict=False)
        )
        plain = [0, *accumulate(sizes)]
        headlines = [0, *accumulate(block.heading == 1 for block in self._blocks)]
        reasons: list[str] = []
        for part in self._furniture:
            end = part.end if part.end >= 0 else len(texts)
            prose = whole if part.reason == "comments" else plain
            share = (prose[end] - prose[part.start]) / max(1, prose[-1])
            around = reasons[part.parent] if part.parent >= 0 else ""
            has_headline = part.reason == "side column" and headlines[end] > headlines[part.start]
            is_furniture = share <= _majority(part.reason) and not has_headline
            reasons.append(part.reason if is_furniture else around)
        return [*reasons, ""]

    def _is_code(self) -> bool:
        return any(element.tag in _tags("invisible") for element in self._open[-20:])

    def _close(self, element: _Element) -> None:
        if element.tag in _tags("block"):
            self._break()
        if element.tag in _tags("block") and len(self._blocks) - element.start > 1:
            self._ranges.append((element.start, len(self._blocks)))
        self._n_open[element.tag] -= 1
        self._n_hidden_open -= element.is_hidden
        self._n_links -= element.tag == "a"
        if element.furniture >= 0:
            self._furniture[element.furniture].end = len(self._blocks)
            self._active.pop()
        if element.tag in _HEADINGS and self._heading:
            self._heading.pop()
        if element.tag == "title":
            self._in_title = False

    def _break(self) -> None:
        if any(piece.strip() for piece in self._block.pieces):
            self._blocks.append(self._block)
        self._block = _Block()


def _furniture_reason(tag: str, attrib: dict[str, str]) -> str:
    """Return what kind of furniture an element holds, "" when nothing says so."""
    if tag in _UNNAMED_TAGS:
        return ""
    if tag in _FURNITURE_TAGS:
        return _FURNITURE_TAGS[tag]
    role = attrib.get("role", "").strip().casefold()
    if role in _FURNITURE_ROLES:
        return _FURNITURE_ROLES[role]
    for value in (attrib.get("class", ""), attrib.get("id", "")):
        for word in value.split()[:20]:
            parts = frozenset(part.casefold() for part in _NAME_PART.findall(word[:100]))
            for reason, names in _furniture_names():
                if any(name <= parts for name in names):
                    return reason
    return ""


@cache
def _tags(kind: str) -> frozenset[str]:
    """Return the elements of a kind: "block" (begins a line), "invisible" or "void" (has no end tag)."""
    table = (
        resources.files("dragoman.corpora").joinpath("tables/html_elements.tsv").read_text(encoding="utf-8")
    )
    rows = dict(row.split("\t") for row in table.split("\n") if row and not row.startswith("#"))
    return frozenset(rows[kind].split())


@cache
def _furniture_names() -> tuple[tuple[str, tuple[frozenset[str], ...]], ...]:
    table = (
        resources.files("dragoman.corpora").joinpath("tables/furniture_names.tsv").read_text(encoding="utf-8")
    )
    rows = [row.split("\t") for row in table.split("\n") if row and not row.startswith("#")]
    return tuple(
        (reason, tuple(frozenset(name.split("+")) for name in names.split())) for reason, names in rows
    )


def _is_hidden(attrib: dict[str, str]) -> bool:
    return (
        "hidden" in attrib
        or attrib.get("aria-hidden", "").casefold() == "true"
        or bool(_HIDDEN_STYLE.search(attrib.get("style", "")[:500]))
    )


def _n_prose(text: str) -> int:
    """Count the characters of a line that is long enough to be prose."""
    return len(text) if len(text) >= 80 else 0


def _majority(reason: str) -> float:
    return _MAJORITY.get(reason, _DEFAULT_MAJORITY)
