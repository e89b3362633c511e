"""Inline elements of XLIFF and TMX as codes: read from a source, written into a target."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from dragoman.corpora.formats.slots import Code, CodeKind
from dragoman.corpora.xml_text import legal, local_name

# Elements that enclose text, and pairs of empty elements that open and close: local name → name of its close.
_NESTED = frozenset({"g", "mrk", "pc", "hi"})
_PAIRS = {"bpt": "ept", "bx": "ex", "sc": "ec", "sm": "em"}
_PAIR_KEYS = ("rid", "i", "startRef", "id")


@dataclass(frozen=True, slots=True)
class InlineText:
    """The content of a source element.

    Attributes:
        text: its text without codes, white space kept.
        codes: positions in `text`; payloads count `elements`.
        elements: for each payload the opening (or only) element and the closing one of a pair of elements.
    """

    text: str
    codes: tuple[Code, ...]
    elements: tuple[tuple[etree._Element, etree._Element | None], ...]


def read_inline(element: etree._Element) -> InlineText:
    """Read the text and the codes of a `<source>`, `<seg>` or the like."""
    texts: list[str] = []
    codes: list[Code] = []
    elements: list[list[etree._Element | None]] = []
    opened: list[tuple[str, str, int]] = []  # name of the close, key, payload

    def position() -> int:
        return sum(map(len, texts))

    def visit(parent: etree._Element) -> None:
        texts.append(parent.text or "")
        for child in parent:
            name = local_name(child)
            if name in _NESTED:
                payload = len(elements)
                elements.append([child, None])
                codes.append(Code(position(), CodeKind.OPEN, payload))
                visit(child)
                codes.append(Code(position(), CodeKind.CLOSE, payload))
            elif name in _PAIRS:
                opened.append((_PAIRS[name], _key(child, is_open=True), len(elements)))
                codes.append(Code(position(), CodeKind.OPEN, len(elements)))
                elements.append([child, None])
            elif opened and (name, _key(child, is_open=False)) == opened[-1][:2]:
                payload = opened.pop()[2]
                elements[payload][1] = child
                codes.append(Code(position(), CodeKind.CLOSE, payload))
            elif isinstance(child, etree._Entity):
                texts.append(child.text or "")
            elif name:
                codes.append(Code(position(), CodeKind.SINGLE, len(elements)))
                elements.append([child, None])
            texts.append(child.tail or "")

    visit(element)
    lone = {payload for _, _, payload in opened}
    kept = tuple(
        Code(code.position, CodeKind.SINGLE, code.payload) if code.payload in lone else code for code in codes
    )
    pairs = tuple((pair[0], pair[1]) for pair in elements if pair[0] is not None)
    return InlineText("".join(texts), kept, pairs)


def trimmed(inline: InlineText) -> tuple[str, tuple[Code, ...]]:
    """Return text and codes without white space at the ends, as slots have it."""
    lead = len(inline.text) - len(inline.text.lstrip())
    text = inline.text.strip()
    codes = tuple(
        Code(min(max(0, code.position - lead), len(text)), code.kind, code.payload) for code in inline.codes
    )
    return text, codes


def write_inline(target: etree._Element, parts: Sequence[str | Code], inline: InlineText) -> None:
    """Write a translation into an empty target element, with copies of the source's inline elements.

    White space at the ends is that of the source.
    """
    lead = inline.text[: len(inline.text) - len(inline.text.lstrip())]
    tail = inline.text[len(inline.text.rstrip()) :]
    stack = [target]
    for part in (lead, *parts, tail):
        if isinstance(part, str):
            _append_text(stack[-1], legal(part))
            continue
        first, close = inline.elements[part.payload]
        is_nested = local_name(first) in _NESTED
        if part.kind is CodeKind.CLOSE and is_nested:
            stack.pop()
        elif part.kind is CodeKind.CLOSE and close is not None:
            stack[-1].append(_copy(close))
        elif is_nested:
            shell = etree.SubElement(stack[-1], first.tag)
            for name, value in first.attrib.items():
                shell.set(name, value)
            stack.append(shell)
        else:
            stack[-1].append(_copy(first))


def _key(element: etree._Element, *, is_open: bool) -> str:
    if is_open and local_name(element) in ("sc", "sm"):
        return element.get("id") or ""
    return next((value for name in _PAIR_KEYS if (value := element.get(name))), "")


def _copy(element: etree._Element) -> etree._Element:
    copied = copy.deepcopy(element)
    copied.tail = None
    return copied


def _append_text(element: etree._Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text
