"""A page as a tree that holds all of it, however deep it is nested."""

import re

import lxml.html
from lxml import etree

# fmt: off
DISPENSABLE = frozenset({
    "b", "i", "u", "em", "strong", "span", "font", "small", "big", "s", "del", "ins", "mark", "abbr",
    "cite", "bdi", "bdo", "wbr", "tt",
})
"""Inline elements that may be left out: they change how text looks, not what it says or does."""
# fmt: on
_WRAPPERS = DISPENSABLE | {"div", "section", "center"}
_DEEPEST = 500  # open wrappers; pages have a few dozen
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^<>]{0,1000}>")


def parse_tree(text: str, *, is_fragment: bool) -> etree._Element:
    """Parse a page; libxml2 ends it where it is nested too deep, so wrappers down there are left out."""
    # From bytes, with the encoding said: given a str, the parser would believe a <meta charset> in it.
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    content = (_flatter(text) if text.count("<") > _DEEPEST else text).encode("utf-8", "replace")
    if is_fragment:
        return lxml.html.fragment_fromstring(content, create_parent="div", parser=parser)
    return lxml.html.document_fromstring(content, parser=parser)


def _flatter(text: str) -> str:
    """Drop wrappers without meaning of their own that stand below the depth that pages have."""
    is_kept: dict[str, list[bool]] = {tag: [] for tag in _WRAPPERS}
    n_open = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal n_open
        tag = match[2].lower()
        if tag not in is_kept:
            return match[0]
        if not match[1]:
            is_kept[tag].append(n_open < _DEEPEST)
            n_open += n_open < _DEEPEST
            return match[0] if is_kept[tag][-1] else ""
        kept = is_kept[tag].pop() if is_kept[tag] else True
        n_open -= kept and n_open > 0
        return match[0] if kept else ""

    return _TAG.sub(keep, text)
