"""Where the article lies on a flattened page: the main block of its lines."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from dragoman.corpora.evidence import Evidence
from dragoman.corpora.phrases import Effect
from dragoman.units import Role

PARAGRAPH_WORDS = 25  # a teaser of another article is shorter
_ENOUGH = 9.0  # score of three paragraphs: an article may end there
_INTERRUPTION = 4.5  # less than two paragraphs have, more than one
_PARAGRAPH_SCORE = 2.5  # of a paragraph by its own looks; short lines that a library vouches for stay below
_BETWEEN = 2  # lines from a stray sentence to the next prose
_ABOVE = 4  # lines from a headline to the first sentence
_SHARED = 3  # words, function words aside, of an article's headline or first paragraph with the rest


class Block(NamedTuple):
    """The main block: lines `start` to `end`, and what lies between its paragraphs and belongs to none."""

    start: int
    end: int
    gaps: frozenset[int]


def main_block(lines: Sequence[Evidence]) -> Block:
    """Find the article as the best path through two states, article and interruption (Viterbi 1967).

    In the article a line counts its score; an interruption costs the same however long it is, about what two
    paragraphs are worth, so that a list of links between paragraphs does not part them, but a single sentence
    far down the page is not drawn in. Without interruptions it is the run with the largest sum.
    """
    best, best_end = 0.0, 0
    inside, outside = 0.0, float("-inf")
    begins: list[int] = []  # for each line: from where the article comes, when it is in it
    inside_start, outside_start = 0, 0
    outside_from = 0
    starts: list[int] = []
    for index, line in enumerate(lines):
        came = index  # a new article
        value, start = 0.0, index
        if inside > value:
            value, start, came = inside, inside_start, index - 1
        if outside > value and line.score >= _PARAGRAPH_SCORE:
            value, start, came = outside, outside_start, outside_from
        leaves = inside - _INTERRUPTION
        # What ends an article for good is no interruption: comments are prose too.
        if leaves > outside and inside > 0:
            outside, outside_start, outside_from = leaves, inside_start, index - 1
        if line.effect is Effect.END:
            outside -= _INTERRUPTION
        inside, inside_start = value + line.score, start
        begins.append(came)
        starts.append(start)
        if inside > best:
            best, best_end = inside, index + 1
    if not best_end:
        return Block(0, 0, frozenset())
    start = starts[best_end - 1]
    gaps: set[int] = set()
    index = best_end - 1
    while index > start:
        came = begins[index]
        gaps.update(range(came + 1, index))
        index = came
    if not any(lines[i].score >= 1.0 for i in range(start, best_end) if i not in gaps):
        return Block(0, 0, frozenset())
    return Block(start, best_end, frozenset(gaps))


def without_stray(lines: Sequence[Evidence], start: int, end: int) -> int:
    """Begin the article later when its first sentences stand above a line in the words of all the others.

    That line is the headline, and the sentences are notices of the page and teasers of other articles, unless
    there is such a line above them as well.
    """
    prose = [index for index in range(start, end) if lines[index].score >= 1.0]
    if all(following - here <= _BETWEEN for here, following in pairwise(prose)):
        return start
    stems = [line.stems for line in lines[:end]]
    below = Counter(stem for index in prose for stem in stems[index])

    def shared(index: int) -> int:
        return sum(below[stem] > 0 for stem in stems[index])

    def has_headline(first: int, last: int) -> bool:
        return any(shared(index) >= _SHARED for index in range(max(0, first), last))

    group: list[int] = []
    for here, following in pairwise(prose):
        group.append(here)
        below.subtract(stems[here])
        if following - here <= _BETWEEN:
            continue
        usual = sorted(map(shared, group))[len(group) // 2]
        is_titled = has_headline(group[0] - _ABOVE, group[0])
        if usual >= _SHARED or is_titled or not has_headline(here + 1, following):
            break
        start, group = here + 1, []
    return start


def cut_after_end(lines: Sequence[Evidence], start: int, end: int) -> int:
    """End the main block at a line that says so, if the article lies above it: comments are prose too.

    A heading of links to other articles says so when only short paragraphs come after it, their teasers.
    """
    total = sum(max(0.0, line.score) for line in lines[start:end])
    before = 0.0
    for index in range(start, end):
        line = lines[index]
        is_done = before >= _ENOUGH or before >= 0.6 * total
        if line.effect is Effect.END and is_done:
            return index
        if line.effect is Effect.LIST and is_done and all(_is_no_article(x) for x in lines[index:end]):
            return index
        before += max(0.0, line.score)
    return end


def _is_no_article(line: Evidence) -> bool:
    return line.n_words < PARAGRAPH_WORDS and (line.hit is None or line.hit.role is Role.BOILERPLATE)
