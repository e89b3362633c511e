"""HTML pages and fragments: a run of text between block boundaries is a slot, inline elements are its codes.

Also titles, descriptions and the attributes that people read. Scripts, styles and code blocks stay as they
are. A page that was right to left becomes left to right: `dir`, `lang` and inline `direction` are changed.
"""

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from lxml import etree

from dragoman.corpora.decoding import decode
from dragoman.corpora.formats.html_tree import DISPENSABLE, parse_tree
from dragoman.corpora.formats.slots import Code, CodeKind, Rebuilt, Slot, Translation, place_codes
from dragoman.corpora.html import declared_encoding
from dragoman.corpora.xml_text import local_name
from dragoman.errors import FormatError

# fmt: off
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "col", "colgroup", "dd",
    "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
    "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li",
    "main", "menu", "nav", "noscript", "ol", "optgroup", "option", "p", "section", "select", "summary",
    "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul", "video", "audio", "template",
    "head",
})
# fmt: on
# fmt: off
_LEFT_ALONE = frozenset({
    "script", "style", "pre", "textarea", "svg", "math", "iframe", "object", "meta", "link",
    "base",
})
# fmt: on
_ATTRIBUTES = ("alt", "title", "placeholder", "aria-label", "summary")
_META = frozenset(
    ["description", "og:title", "og:description", "og:site_name", "twitter:title", "twitter:description"]
)


@dataclass(slots=True)
class _Run:
    """Inline content of a block: what stands between two block children."""

    container: etree._Element
    before: etree._Element | None  # the child after which the run begins
    children: list[etree._Element] = field(default_factory=list)
    elements: list[etree._Element] = field(default_factory=list)  # by payload
    margins: tuple[str, str] = ("", "")
    spaced: dict[int, tuple[bool, bool]] = field(default_factory=dict)  # payload → white space before, after


@dataclass(frozen=True, slots=True)
class _Attribute:
    element: etree._Element
    name: str


@dataclass(frozen=True, slots=True)
class HtmlTemplate:
    """A page, its slots and the places that they came from."""

    slots: tuple[Slot, ...]
    places: tuple["_Run | _Attribute", ...]
    root: etree._Element
    doctype: str
    is_fragment: bool
    tgt_lang: str

    def rebuild(self, translations: Sequence[Translation | None]) -> Rebuilt:
        """Return the page in UTF-8; can be called once, for it changes the page in place."""
        moved = []
        for index, (slot, place, translation) in enumerate(
            zip(self.slots, self.places, translations, strict=True)
        ):
            if isinstance(place, _Attribute):
                if translation is not None:
                    place.element.set(place.name, translation.text)
                continue
            if translation is None:
                continue
            parts, is_moved = place_codes(slot, translation)
            if is_moved:
                moved.append(index)
            _write_run(place, parts)
        _turn_left_to_right(self.root, self.tgt_lang)
        if self.is_fragment:
            inner = [etree.tostring(child, method="html", encoding="unicode") for child in self.root]
            text = escape(self.root.text or "", quote=False) + "".join(inner)
        else:
            text = etree.tostring(self.root, method="html", encoding="unicode")
            text = f"{self.doctype}\n{text}\n" if self.doctype else f"{text}\n"
        return Rebuilt(text.encode("utf-8", "replace"), tuple(moved))


def read_html(data: bytes, name: str, *, tgt_lang: str = "en") -> HtmlTemplate:
    """Read a page or a fragment.

    Raises:
        NotTextError: the bytes are no text.
        FormatError: there is no element in it.
    """
    text = decode(data, name=name, declared=declared_encoding(data)).text
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    if not text.strip():
        raise FormatError(f"{name}: an empty page")
    is_fragment = re.search(r"<(?:html|body|head|!doctype)\b", text[:4096], re.IGNORECASE) is None
    root = parse_tree(text, is_fragment=is_fragment)
    doctype = "" if is_fragment else root.getroottree().docinfo.doctype
    slots: list[Slot] = []
    places: list[_Run | _Attribute] = []
    for slot, place in _slots(root):
        slots.append(slot)
        places.append(place)
    return HtmlTemplate(tuple(slots), tuple(places), root, doctype, is_fragment, tgt_lang)


def _slots(root: etree._Element) -> Iterator[tuple[Slot, "_Run | _Attribute"]]:
    """Yield slots of an element and what it contains, in reading order; nesting costs no stack."""
    under_way = [_own_slots(root)]
    while under_way:
        found = next(under_way[-1], None)
        if found is None:
            under_way.pop()
        elif isinstance(found, etree._Element):
            under_way.append(_own_slots(found))
        else:
            yield found


def _own_slots(
    element: etree._Element,
) -> Iterator["tuple[Slot, _Run | _Attribute] | etree._Element"]:
    """Yield an element's own slots and, where they stand, the blocks inside it."""
    yield from _attribute_slots(element)
    if element.tag in _LEFT_ALONE or _is_untranslatable(element):
        return
    run = _Run(element, None)
    for child in element:
        if _is_inline(child):
            run.children.append(child)
            for inner in child.iter(etree.Element):
                yield from _attribute_slots(inner)
            continue
        if (slot := _run_slot(run)) is not None:
            yield slot, run
        if isinstance(child.tag, str):
            yield child
        run = _Run(element, child)
    if (slot := _run_slot(run)) is not None:
        yield slot, run


def _attribute_slots(element: etree._Element) -> Iterator[tuple[Slot, _Attribute]]:
    if not isinstance(element.tag, str):
        return
    names: tuple[str, ...] = _ATTRIBUTES
    if element.tag == "meta":
        is_read = (element.get("name") or element.get("property") or "").casefold() in _META
        names = ("content",) if is_read else ()
    elif element.tag == "input" and (element.get("type") or "").casefold() in ("submit", "button", "reset"):
        names = (*_ATTRIBUTES, "value")
    for name in names:
        value = element.get(name, "").strip()
        if any(char.isalpha() for char in value):
            yield Slot(value, kind="attribute", slot_id=name), _Attribute(element, name)


def _is_untranslatable(element: etree._Element) -> bool:
    return element.get("translate") == "no" or "notranslate" in (element.get("class") or "").split()


def _is_inline(child: etree._Element) -> bool:
    """Tell whether a child belongs to a run of text; comments do, so that they do not cut sentences."""
    if not isinstance(child.tag, str):
        return True
    if child.tag in _BLOCKS or child.tag in ("pre", "textarea", "iframe"):
        return False
    return not any(isinstance(inner.tag, str) and inner.tag in _BLOCKS for inner in child.iterdescendants())


def _run_slot(run: _Run) -> Slot | None:
    """Read a run's text and codes; None when it has no word."""
    text = run.before.tail if run.before is not None else run.container.text
    pieces: list[str] = [text or ""]
    codes: list[Code] = []
    length = len(pieces[0])
    for child in run.children:
        length = _read_inline(child, pieces, codes, length, run.elements)
        pieces.append(child.tail or "")
        length += len(pieces[-1])
    raw = "".join(pieces)
    if not any(char.isalnum() for char in raw):
        return None
    plain, mapping = _collapse(raw)
    run.spaced = {
        code.payload: (raw[: code.position][-1:].isspace(), raw[code.position :][:1].isspace())
        for code in codes
        if code.kind is CodeKind.SINGLE
    }
    tag = local_name(run.container)
    kind = tag if tag in ("title", "li", "td", "th", "figcaption") else "text"
    if re.fullmatch("h[1-6]", tag):
        kind = "heading"
    run.margins = (raw[: len(raw) - len(raw.lstrip())][:1], raw[len(raw.rstrip()) :][:1])
    moved = tuple(
        Code(mapping[code.position], code.kind, code.payload, code.is_dispensable) for code in codes
    )
    return Slot(plain, moved, kind)


def _read_inline(
    element: etree._Element, pieces: list[str], codes: list[Code], length: int, elements: list[etree._Element]
) -> int:
    """Append an inline element's text and codes; return the new length of the text."""
    if not isinstance(element.tag, str):
        elements.append(element)
        codes.append(Code(length, CodeKind.SINGLE, len(elements) - 1))
        return length
    walk = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    is_open: list[tuple[int, bool] | None] = []  # payload and whether dispensable, None for a single code
    for event, node in walk:
        if event == "end":
            opened = is_open.pop()
            if opened is not None:
                codes.append(Code(length, CodeKind.CLOSE, *opened))
        else:
            payload = len(elements)
            elements.append(node)
            if event == "start" and _holds_text(node):
                is_dispensable = node.tag in DISPENSABLE and not set(node.attrib) & {"id", "onclick", "href"}
                codes.append(Code(length, CodeKind.OPEN, payload, is_dispensable))
                is_open.append((payload, is_dispensable))
                pieces.append(node.text or "")
                length += len(pieces[-1])
                continue
            codes.append(Code(length, CodeKind.SINGLE, payload, is_dispensable=node.tag == "wbr"))
            if event == "start":
                is_open.append(None)
                walk.skip_subtree()
                continue
        if node is not element:
            pieces.append(node.tail or "")
            length += len(pieces[-1])
    return length


def _holds_text(element: etree._Element) -> bool:
    """Tell whether there is a word in an element that is translated."""
    if not isinstance(element.tag, str) or element.tag in _LEFT_ALONE or _is_untranslatable(element):
        return False
    return any(char.isalnum() for text in element.itertext() for char in text)


def _collapse(raw: str) -> tuple[str, list[int]]:
    """Collapse white space as a browser does; return the text and the new offset of every old one."""
    lead = len(raw) - len(raw.lstrip(" \t\r\n\f"))
    end = len(raw.rstrip(" \t\r\n\f"))
    plain: list[str] = []
    mapping = []
    for position, char in enumerate(raw):
        mapping.append(len(plain))
        if position < lead or position >= end:
            continue
        if char in " \t\r\n\f":
            if plain and plain[-1] != " ":
                plain.append(" ")
        else:
            plain.append(char)
    mapping.append(len(plain))
    return "".join(plain), mapping


def _write_run(run: _Run, parts: Sequence[str | Code]) -> None:
    """Replace a run by texts and codes."""
    container, before = run.container, run.before
    index = 0 if before is None else container.index(before) + 1
    tail = run.margins[1]
    for child in run.children:
        child.tail = None
        container.remove(child)
    copies = [_shell(element) for element in run.elements]
    top: list[etree._Element] = []
    stack: list[etree._Element] = []
    texts: list[str] = [run.margins[0]]  # before the first element

    def write(text: str) -> None:
        if stack:
            _append(stack[-1], text)
        elif top:
            top[-1].tail = (top[-1].tail or "") + text
        else:
            texts.append(text)

    ends_with_space = needs_space = False
    for part in parts:
        if isinstance(part, str):
            write(" " + part if needs_space and not part[:1].isspace() else part)
            ends_with_space, needs_space = part[-1:].isspace(), False
        elif part.kind is CodeKind.CLOSE:
            if stack:
                stack.pop()
        else:
            is_single = part.kind is CodeKind.SINGLE
            before_it, needs_space = run.spaced.get(part.payload, (False, needs_space))
            if before_it and not ends_with_space and (top or any(texts)):
                write(" ")
            element = copy.deepcopy(run.elements[part.payload]) if is_single else copies[part.payload]
            element.tail = None
            if stack:
                stack[-1].append(element)
            else:
                top.append(element)
            if not is_single:
                stack.append(element)
    stack.clear()
    write(tail)
    for offset, element in enumerate(top):
        container.insert(index + offset, element)
    text = "".join(texts)
    if before is None:
        container.text = text
    else:
        before.tail = text


def _shell(element: etree._Element) -> etree._Element:
    """Copy an element without its content."""
    if not isinstance(element.tag, str):
        return copy.deepcopy(element)
    shell = copy.deepcopy(element)  # names that XML does not allow can be copied, but not made
    for child in list(shell):
        shell.remove(child)
    shell.text = shell.tail = None
    return shell


def _append(element: etree._Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _turn_left_to_right(root: etree._Element, tgt_lang: str) -> None:
    for element in root.iter(etree.Element):
        if (element.get("dir") or "").casefold() == "rtl":
            element.set("dir", "ltr")
        lang = element.get("lang") or ""
        if lang.partition("-")[0].casefold() == "ar":
            element.set("lang", tgt_lang)
        if "direction" in (style := element.get("style") or ""):
            element.set("style", re.sub(r"direction\s*:\s*rtl", "direction: ltr", style, flags=re.IGNORECASE))
        if element.tag == "style" and element.text:
            element.text = re.sub(
                r"(?<![\w-])direction\s*:\s*rtl", "direction: ltr", element.text, flags=re.IGNORECASE
            )
    if root.tag == "html" and root.get("lang") is None:
        root.set("lang", tgt_lang)
    for meta in root.iter("meta"):
        if meta.get("charset"):
            meta.set("charset", "utf-8")
        elif (meta.get("http-equiv") or "").casefold() == "content-type":
            meta.set("content", "text/html; charset=utf-8")
