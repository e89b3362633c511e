r"""Datelines of news agencies in running text: "… headline Cairo 15-7 (AFP) - text".

Pages and treebanks that were flattened run the headline into the dateline; the dateline shows where the text
begins. A place is one word, or several that tables/dateline_places.txt lists.
"""

import re
from functools import cache
from importlib import resources

_MONTH = (
    "(?:يناير|فبراير|مارس|[أاإ]بريل|مايو|يوني[وه]|يولي[وه]|[أا]غسطس|سبتمبر|[أا]كتوبر|نوفمبر|ديسمبر"
    "|شباط|[آا]ذار|نيسان|[أا]يار|حزيران|تموز|[آا]ب|[أا]يلول|جانفي|فيفري|أفريل|ماي|جوان|جويلية|أوت"
    "|(?:كانون|تشرين) (?:ال)?(?:ثاني|[أا]ول))"
)
_DASH = "[-\u2013\u2014]"
# Three shapes after the place, each with the end of the dateline where the text is a sentence of its own:
# "15-7 (AFP) -" and "(Reuters) -"; "- «Al-Hayat» -" and "- Reuters -"; "3 May 10:59".
_DATELINE = re.compile(
    rf"(?P<agency>(?:\([^()\n]{{2,25}}\) )?(?:\d{{1,2}} ?{_DASH} ?\d{{1,2}} )?\([^()\n]{{2,25}}\) ?{_DASH} )"
    rf"|(?P<paper>{_DASH} ?[\"»«“][^\"»«“”\n]{{2,20}}[\"»«”] ?{_DASH} )"
    rf"|(?P<date>(?:\d{{1,2}}|أول) {_MONTH}(?!\w)"
    r"(?:/[^/\n]{2,20}/|(?P<time> \d{1,2} ?: ?\d{2})? (?=\w)))"
)
_REACH = 300  # characters; a headline is no longer
_HEADLINE = 8  # characters; shorter is none
_STOPS = re.compile(r"[.!?؟،]\s")
_NO_PLACE = re.compile(
    "(?:في|من|إلى|الى|على|عن|حتى|منذ|يوم|قبل|بعد|و|أو|بين|مساء|صباح|فجر|ليلة?|مطلع|نهاية|بداية|منتصف)"
)
# After a date these go on with it: "3 May last year".
_DATE_GOES_ON = re.compile(r"\d|(?:ال)?(?:ماضي|مقبل|جاري|قادم|حالي|عام|سنة|من|في|إلى|الى|على|حتى|و|أو)\b|ال")


def dateline_cuts(text: str, start: int, end: int) -> list[int]:
    """Return where a dateline inside a paragraph begins and, when it is a line of its own, where it ends.

    Args:
        text: the whole text.
        start: first character of the paragraph.
        end: its end.
    """
    for match in _DATELINE.finditer(text, start, min(end, start + _REACH)):
        if match.start() == start:
            return []
        place = _place_before(
            text, start, match.start(), is_sure=match["agency"] is None or "(" in match[0][2:]
        )
        if place is None or _STOPS.search(text, start, place):
            return []
        if match["date"] is None or match["date"].endswith("/"):
            return [place] if place - start >= _HEADLINE else []
        if match["time"] is None and _DATE_GOES_ON.match(text, match.end()):
            continue
        return [place, match.end()] if place - start >= _HEADLINE else []
    return []


def _place_before(text: str, start: int, end: int, *, is_sure: bool) -> int | None:
    """Return where the place before a date or agency begins, None when there can be none."""
    if text[end - 1] != " ":
        return None
    words = text[max(start, end - 40) : end].split(" ")[:-1]
    for n_words in (3, 2, 1):
        name = " ".join(words[-n_words:])
        if len(words) > n_words and _fold(name) in _places():
            break
    else:
        if not is_sure:
            return None
    begin = end - len(name) - 1
    previous = text[max(start, begin - 20) : begin].split()
    if (
        not name
        or not name.replace(" ", "").isalpha()
        or _NO_PLACE.fullmatch(name)
        or (previous and _NO_PLACE.fullmatch(previous[-1]))
    ):
        return None
    return begin


@cache
def _places() -> frozenset[str]:
    table = (
        resources.files("dragoman.corpora").joinpath("tables/dateline_places.txt").read_text(encoding="utf-8")
    )
    return frozenset(_fold(row) for row in table.split("\n") if row and not row.startswith("#"))


def _fold(name: str) -> str:
    return name.translate({0x0622: 0x0627, 0x0623: 0x0627, 0x0625: 0x0627, 0x0629: 0x0647})
