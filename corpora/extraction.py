"""What libraries think is a page's main text: evidence for the roles of its lines.

trafilatura is asked first (Barbaresi 2021, "Trafilatura: a web scraping library and command-line tool"),
jusText (Pomikálek 2011) when it found too little, and when both fail the lines' own looks decide alone.
What a library returns is only compared with the lines of the flattened page: the text itself comes from
there, untouched.
"""

import logging
from collections.abc import Sequence

from dragoman.corpora.html import FlatLine, FlatPage
from dragoman.corpora.phrases import phrase_key
from dragoman.units import Notice, Severity

_LARGEST_PAGE = 3_000_000  # characters; the libraries build several trees of a page
_MOST_TAGS = 20_000  # they walk these trees many times; a page of news has some thousands
_MOST_LINES = 2_000  # jusText takes quadratic time in them
_ENOUGH = 0.5  # of the prose outside furniture


def extracted_lines(html: str, page: FlatPage) -> tuple[list[bool | None], Notice]:
    """Tell for each line of a page whether a library takes it for main text.

    Returns:
        One value a line, all None when no library found enough; and a notice that says which was believed.
    """
    if len(html) > _LARGEST_PAGE or html.count("<") > _MOST_TAGS or len(page.lines) > _MOST_LINES:
        return [None] * len(page.lines), _notice("the page is too large for the extractors")
    tried = []
    for name, extract in (("trafilatura", _trafilatura), ("jusText", _justext)):
        try:
            found = extract(html)
        except Exception as error:  # whatever a library of others does with a hostile page, we go on
            logging.getLogger(__name__).debug("%s failed", name, exc_info=True)
            tried.append(f"{name} failed ({type(error).__name__})")
            continue
        is_found = _match(page.lines, found)
        share = _found_share(page.lines, is_found)
        if share >= _ENOUGH:
            return list(is_found), _notice("; ".join([*tried, f"main text by {name}"]))
        tried.append(f"{name} found {share:.0%} of the prose")
    return [None] * len(page.lines), _notice("; ".join([*tried, "main text by the lines' own looks"]))


def _notice(message: str) -> Notice:
    return Notice("extraction", message, Severity.INFO)


def _trafilatura(html: str) -> list[str]:
    import trafilatura

    text = trafilatura.extract(html, include_comments=False, include_tables=True, deduplicate=False)
    return (text or "").split("\n")


def _justext(html: str) -> list[str]:
    import justext

    # Arabic writes many function words together with the next word: fewer stand alone than jusText expects.
    stop_words = justext.get_stoplist("Arabic") | justext.get_stoplist("English")
    paragraphs = justext.justext(html, stop_words, stopwords_low=0.06, stopwords_high=0.1)
    return [paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate]


def _match(lines: Sequence[FlatLine], found: Sequence[str]) -> list[bool]:
    """Tell which lines are in the text found: as one of its lines, or inside it when that is no chance."""
    keys = [phrase_key(line) for line in found]
    whole = frozenset(keys)
    joined = " ".join(keys)
    return [
        key in whole or (len(key) >= 40 and key in joined)
        for key in (phrase_key(line.text) for line in lines)
    ]


def _found_share(lines: Sequence[FlatLine], is_found: Sequence[bool]) -> float:
    """Return how much of the prose outside furniture was found, by characters."""
    sizes = [(len(line.text), found) for line, found in zip(lines, is_found, strict=True) if _is_prose(line)]
    total = sum(size for size, _ in sizes)
    return sum(size for size, found in sizes if found) / total if total else float(any(is_found))


def _is_prose(line: FlatLine) -> bool:
    return len(line.text) >= 80 and not line.hint.furniture
