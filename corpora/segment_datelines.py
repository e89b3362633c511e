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
# What stands between the place and a dash: "(Gaza Strip) 15-7 (AFP) -", "(Reuters) -".
_AGENCY = re.compile(
    rf"(?:\([^()\n]{{2,25}}\) )?(?P<day>\d{{1,2}} ?{_DASH} ?\d{{1,2}} )?\([^()\n]{{2,25}}\) ?$"
)
# What stands after it: "- «Al-Hayat» -", "- Reuters -".
_PAPER = re.compile(rf"{_DASH} ?(?:[\"»«“][^\"»«“”\n]{{2,20}}[\"»«”] ?|\w{{2,20}}(?: \w{{2,20}})? ){_DASH} ")
# "3 May 10:59", a line of its own, and "3 May/Xinhua/", not one; from the last digit of the day, so that the
# search can skip to a character set.
_DATE = re.compile(
    rf"\d {_MONTH}(?!\w)(?:(?P<wire>/[^/\n]{{2,20}}/)|(?P<time> \d{{1,2}} ?: ?\d{{2}})? (?=\w))"
)
_DASH_AFTER_PLACE = re.compile(f'{_DASH}(?=[ "»«“])')
_REACH = 300  # characters; a headline is no longer
_SOURCE = 80  # characters; from the place to the dash
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
    limit = min(end, start + _REACH)
    find = text.find
    if find("-", start, limit) >= 0 or find("\u2013", start, limit) >= 0 or find("\u2014", start, limit) >= 0:
        for dash in _DASH_AFTER_PLACE.finditer(text, start, limit):
            if text[dash.start() - 2 : dash.start()].rstrip()[-1:] == ")":
                agency = _AGENCY.search(text, max(start, dash.start() - _SOURCE), dash.start())
                if agency is not None:
                    is_dated = agency["day"] is not None
                    return _cuts(text, start, agency.start(), agency.start(), is_sure=is_dated)
            elif _PAPER.match(text, dash.start(), limit):
                return _cuts(text, start, dash.start(), dash.start(), is_sure=False)
    date = _DATE.search(text, start, limit)
    if date is None:
        return []
    day = date.start() - (text[date.start() - 1].isdigit() and date.start() > start)
    if date["wire"] is not None:
        return _cuts(text, start, day, day, is_sure=True)
    if date["time"] is not None or not _DATE_GOES_ON.match(text, date.end()):
        return _cuts(text, start, day, date.end(), is_sure=date["time"] is not None)
    return []


def _cuts(text: str, start: int, source: int, body: int, *, is_sure: bool) -> list[int]:
    """Return the boundaries of a dateline whose date or agency begins at `source`, its text at `body`."""
    place = _place_before(text, start, source, is_sure=is_sure) if source > start else None
    if place is None or _STOPS.search(text, start, place):
        return []
    return ([place] if place - start >= _HEADLINE else []) + ([body] if body > source else [])


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
