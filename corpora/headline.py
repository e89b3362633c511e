"""Which line above an article is its headline, and which names its author."""

from collections.abc import Sequence
from itertools import accumulate

from dragoman.corpora.evidence import Evidence
from dragoman.corpora.phrases import phrase_key

_TITLE_WORDS = range(2, 36)
_HEADING_WORTH = {1: 2.0, 2: 0.7, 3: 0.2}
_CLEARLY = 0.5  # by which a later headline must be the better one
# Words that a byline begins with, as matching keys: by, writing, wrote, interviewed by, edited by, by.
_BYLINE = frozenset(
    phrase_key("بقلم كتابة كتب كتبت كتبه كتبها أعده أعدها إعداد حاوره حاورها حوار تحرير by").split()
)


def title_index(
    head: Sequence[Evidence],
    vocabulary: frozenset[str],
    headings: frozenset[tuple[str, ...]],
    lead: Evidence | None,
) -> int | None:
    """Return which line is the title: near the article, a heading, in the article's words.

    Args:
        head: the lines above the article.
        vocabulary: the stems of the article's words.
        headings: lines of the article that a table of contents may repeat.
        lead: the article's first paragraph.
    """
    best, best_score = None, 0.0
    n_plain = [0, *accumulate(not line.furniture for line in head)]
    for index, line in enumerate(head):
        if (
            line.furniture
            or line.hit is not None
            or line.n_words not in _TITLE_WORDS
            or not headings.isdisjoint((line.words, line.words[1:]))  # with a number in a table of contents
        ):
            continue
        if line.text.rstrip()[-1:] in ".،:" or (line.text.lstrip()[:1].isdecimal() and line.n_words < 5):
            continue
        shared = len(vocabulary & line.stems)
        score = 0.3 + min(shared, 4) / 2 + shared / max(1, len(line.stems)) + min(line.n_words, 8) / 8
        # What stands between headline and article is of the page, mostly, and puts no distance between them.
        score += _HEADING_WORTH.get(line.hint.heading, 0.0) - 0.04 * (n_plain[-1] - n_plain[index])
        score -= 1.0 * line.hint.is_outside
        # Below the buttons for sharing stands the caption of a picture rather than the headline.
        score -= 0.7 * any(other.furniture == "sharing buttons" for other in head[max(0, index - 3) : index])
        below = head[index + 1 : index + 3]
        # An article of reference begins with the words that it is about.
        score += 1.0 if lead is not None and lead.words[: line.n_words] == line.words else 0.0
        score += 0.5 if not below or any("date" in x.furniture or is_byline(x) for x in below) else 0.0
        # Decks and captions say it again further down: what looks like a headline yields to a clear one only.
        is_headline = best is not None and _could_be_headline(head[best], vocabulary)
        if score > best_score + _CLEARLY * is_headline:
            best, best_score = index, score
    if best is None:
        return None
    # What repeats a title (a box of facts, a picture) stands below it.
    return next(i for i, line in enumerate(head) if line.words == head[best].words and not line.furniture)


def _could_be_headline(line: Evidence, vocabulary: frozenset[str]) -> bool:
    n_words = sum(not word[0].isdecimal() for word in line.words)
    return n_words >= 5 and len(vocabulary & line.stems) >= 2


def is_byline(line: Evidence) -> bool:
    """Tell whether a line begins with a word that bylines begin with."""
    return line.n_words <= 16 and not line.states and not _BYLINE.isdisjoint(line.words[:2])
