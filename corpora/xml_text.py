"""What XML 1.0 can hold, and safe ways to read XML that others wrote.

A text of an article may hold characters that no XML 1.0 document may (production 2, Char: controls, lone
surrogates, U+FFFE and U+FFFF). They are dropped and counted; everything else, bidirectional controls
included, is kept. Reading never touches the network, expands no entities and has no size limit.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from dragoman.errors import FormatError, InputError

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
Source = str | Path | BinaryIO

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


# Inline elements of TMX and XLIFF whose content, if any, is markup of the original format.
_NATIVE_CODES = frozenset({"bpt", "ept", "ph", "it", "ut", "bx", "ex", "x"})


class XmlText:
    """Makes strings fit for XML and counts what it had to drop."""

    def __init__(self) -> None:
        self.n_dropped = 0

    def __call__(self, text: str) -> str:
        """Return `text` without the characters that XML 1.0 cannot hold."""
        kept, n_dropped = _ILLEGAL.subn("", text)
        self.n_dropped += n_dropped
        return kept


def legal(text: str) -> str:
    r"""Drop what XML 1.0 cannot hold.

    >>> legal("a\x00b\u202e")
    'ab\u202e'
    """
    return _ILLEGAL.sub("", text)


def local_name(element: etree._Element) -> str:
    """Return an element's name without its namespace, "" for comments, instructions and entities."""
    # Not by QName, which rejects what a namespace's name may hold, such as a brace.
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def source_name(source: Source) -> str:
    """Return how messages call a source."""
    return str(source) if isinstance(source, str | Path) else getattr(source, "name", "input")


def plain_text(element: etree._Element | None) -> str:
    """Return the text of a `<seg>`, `<source>` or `<target>` without inline codes, with what they enclose.

    Entities that the file defines itself stay as they are written (`&name;`): nothing is expanded.
    """
    if element is None:
        return ""
    parts = [element.text or ""]
    for child in element:
        if isinstance(child, etree._Entity):
            parts.append(child.text or "")
        elif local_name(child) == "cp":  # XLIFF 2: a character that XML cannot hold
            parts.append(chr(int(child.get("hex", "fffd"), 16)))
        elif local_name(child) not in ("", *_NATIVE_CODES):
            parts.append(plain_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


def stream_elements(source: Source, *tags: str) -> Iterator[tuple[str, etree._Element]]:
    """Yield ("start" | "end", element) of the named elements, in any namespace, freeing what was seen.

    An element that ends is emptied after the caller is done with it: memory stays flat over files of any
    size.

    Args:
        source: path or binary stream, in the encoding that the XML declaration names.
        tags: local names.

    Raises:
        InputError: the file is missing or cannot be read.
        FormatError: it is not well-formed XML; the message names the line.
    """
    name = source_name(source)
    try:
        events = etree.iterparse(
            str(source) if isinstance(source, Path) else source,
            events=("start", "end"),
            tag=[f"{{*}}{tag}" for tag in tags],
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=True,
            remove_pis=True,
            remove_comments=True,
        )
        for event, element in events:
            yield event, element
            if event == "end":
                element.clear(keep_tail=True)
                parent = element.getparent()
                while parent is not None and (before := element.getprevious()) is not None:
                    parent.remove(before)
    except etree.XMLSyntaxError as error:
        raise FormatError(f"{name}: not well-formed XML: {error.msg}") from error
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror or error}") from error


def parse_document(data: bytes, name: str) -> etree._ElementTree:
    """Parse a whole XML document that will be changed and written back; comments and instructions are kept.

    Raises:
        FormatError: it is not well-formed XML.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        return etree.ElementTree(etree.fromstring(data, parser))
    except etree.XMLSyntaxError as error:
        raise FormatError(f"{name}: not well-formed XML: {error.msg}") from error
