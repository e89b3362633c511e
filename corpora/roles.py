"""What each line of a flattened page is: title, body, note, credit or boilerplate, each with a reason.

No single sign tells a menu from a paragraph; together they do. Every line has a score (`evidence`); the
main block is the best path through them that may be interrupted (`main_block`). What lies in it is the
article, but for lines that phrases or markup give away; above it one line is the title (`headline`); below
it notes and credits still belong to the article. A line that nothing speaks against is only set apart on
pages, that is where something speaks against other lines: a poem or a list is no boilerplate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from dragoman.corpora.evidence import CRUMBS, Evidence, Hint, weigh
from dragoman.corpora.headline import is_byline, title_index
from dragoman.corpora.main_block import PARAGRAPH_WORDS, cut_after_end, main_block, without_stray
from dragoman.corpora.phrases import Effect, Hit
from dragoman.units import Role

_NEAR = 3  # lines between the article's end and the first furniture that are still in doubt
_RESUMED = 6.0  # score of two paragraphs: an article may go on there
_RUN = 3  # lines without a sentence below the article: furniture, whatever it says
_HEADLINE_WORDS = range(6, 21)  # headings inside an article are shorter, mostly
_QUOTED = 0.8  # of a line's words stand in one paragraph, or it is no quotation of that
_PROSE = 1.5  # score of a line of hard-wrapped text; links have less
_BODY_REASON = "in the main block"
_QUOTES = "\"'“”«»‘’"
_REFERENCES = "references"
_CONTENTS = "table of contents"
_NAME_WORDS = range(2, 5)


class Verdict(NamedTuple):
    """A role and why."""

    role: Role
    reason: str


def assign_roles(texts: Sequence[str], hints: Sequence[Hint] | None = None) -> list[Verdict]:
    """Return the role of each line (or hard-wrapped paragraph) of a text, in order.

    Args:
        texts: the lines, none of them blank.
        hints: what the markup says about each; None for plain text.
    """
    hints = [Hint()] * len(texts) if hints is None else hints
    lines = _with_author_boxes([weigh(text, hint) for text, hint in zip(texts, hints, strict=True)])
    lines = _with_lists(_with_contents(lines))
    start, end, gaps = main_block(lines)
    if start == end:
        return _without_article(lines)
    end = cut_after_end(lines, start, end)
    start = without_stray(lines, start, end)
    while start < end and lines[start].n_words < 12 and not lines[start].states:
        start += 1  # the headline and what stands around it
    is_page = any(line.furniture or line.hint.is_outside for line in lines)
    while is_page and end > start + 1 and _is_fragment(lines[end - 1]):
        end -= 1  # judged with what is below
    head, main, tail = lines[:start], lines[start:end], lines[end:]
    has_links = any(lines[index].furniture for index in gaps)
    between = frozenset(index - start for index in gaps) if has_links else frozenset()
    return [*_above(head, main, is_page), *_inside(main, is_page, between), *_below(tail, main, is_page)]


def _with_author_boxes(lines: Sequence[Evidence]) -> list[Evidence]:
    """Mark lines that repeat a name of the byline: below the article they begin a box about its author."""
    bylines = [(index, line) for index, line in enumerate(lines) if is_byline(line)]
    box = Hit(Role.BOILERPLATE, Effect.END, True, "author box", "")
    return [
        replace(line, hit=box, furniture=box.reason, score=line.score - 5.0)
        if not line.ends
        and line.n_words in _NAME_WORDS
        and _is_in(line.words, [" ".join(byline.words) for above, byline in bylines if above + 2 < index])
        else line
        for index, line in enumerate(lines)
    ]


def _with_contents(lines: Sequence[Evidence]) -> list[Evidence]:
    """Know the entries of a table of contents by the headings further down that say the same.

    So an entry "references" ends nothing.
    """
    last = {line.words: index for index, line in enumerate(lines)}
    last_phrase = {line.hit.phrase: index for index, line in enumerate(lines) if line.hit is not None}
    found: list[Evidence] = []
    is_listing = False
    for index, line in enumerate(lines):
        bare = line.words[1:] if line.words and line.words[0].isdecimal() else line.words
        is_listing = line.furniture == _CONTENTS or (is_listing and last.get(bare, index) > index)
        if line.hit is not None and line.furniture == _REFERENCES and last_phrase[line.hit.phrase] > index:
            line = replace(line, hit=replace(line.hit, effect=Effect.LINE))
        elif is_listing and not line.furniture:
            line = replace(line, furniture=_CONTENTS, score=line.score - 1.5)
        found.append(line)
    return found


def _with_lists(lines: Sequence[Evidence]) -> list[Evidence]:
    """Let short lines count for the article when a line announced a list: with a colon, or as recipes do."""
    found: list[Evidence] = []
    is_announced = False
    for line in lines:
        announces = line.hit is not None and line.hit.role is Role.BODY
        announces |= line.text.rstrip().endswith(":") and line.hit is None and line.n_words >= 2
        if line.furniture or (line.states and line.n_words >= 12):
            is_announced = False
        elif is_announced or announces:
            line = replace(line, score=max(line.score, 0.5 if announces else 0.1))
        is_announced |= announces and not line.furniture
        found.append(line)
    return found


def _is_in(words: Sequence[str], texts: Sequence[str]) -> bool:
    key = " ".join(words)
    return any(f" {key} " in f" {text} " for text in texts)


def _is_fragment(line: Evidence) -> bool:
    """Tell whether a line is neither a sentence nor as long as one, and nothing of its own speaks for it."""
    is_announced = line.score > 0 and not line.hint.extracted
    return not line.states and line.n_words < 12 and line.hit is None and not is_announced


def _without_article(lines: Sequence[Evidence]) -> list[Verdict]:
    """Give roles where no line looks like prose: a title, a poem, a list; or nothing but furniture."""
    verdicts = []
    ended = listing = ""
    for line in lines:
        if line.furniture:
            ended = line.furniture if line.effect is Effect.END else ended
            listing = line.furniture if line.effect is Effect.LIST else ""
            verdicts.append(Verdict(Role.BOILERPLATE, line.furniture))
        elif line.hit is not None:
            verdicts.append(Verdict(line.hit.role, line.hit.reason))
        elif ended:
            verdicts.append(Verdict(Role.BOILERPLATE, f"after {ended}"))
        elif listing and not line.states:
            verdicts.append(Verdict(Role.BOILERPLATE, f"below {listing}"))
        else:
            verdicts.append(Verdict(Role.BODY, "nothing speaks against it"))
    return verdicts


def _above(head: Sequence[Evidence], main: Sequence[Evidence], is_page: bool) -> Iterator[Verdict]:
    """Yield the roles of the lines above the article's first paragraph, of which one may be the title."""
    vocabulary = frozenset(word for line in main[:40] for word in line.content)
    paragraphs = {index for index, line in enumerate(head) if _is_lead(line, vocabulary)}
    headings = frozenset(line.words for line in main if line.n_words < 12) if is_page else frozenset()
    n_above = min(paragraphs, default=len(head))
    lead = next(iter([*head[n_above:], *main]), None)
    stems = frozenset(stem for line in main[:40] for stem in line.stems)
    title = title_index(head[:n_above], stems, headings, lead)
    listing = ""
    for index, line in enumerate(head):
        listing = _listing(line, listing)
        if index == title:
            yield Verdict(
                Role.TITLE, "heading of the page" if line.hint.heading else "headline above the article"
            )
        elif index == len(head) - 1 and title is not None and _is_agency_line(line):
            yield Verdict(Role.CREDIT, "place, reporter and agency above the first paragraph")
        elif line.furniture:
            yield Verdict(Role.BOILERPLATE, line.furniture)
        elif line.hit is not None:
            yield Verdict(line.hit.role, line.hit.reason)
        elif listing and index not in paragraphs:
            yield Verdict(Role.BOILERPLATE, f"below {listing}")
        elif line.words in headings:
            yield Verdict(Role.BOILERPLATE, _CONTENTS)
        elif index in paragraphs:
            yield Verdict(Role.BODY, "paragraph above the main block, in its words")
        elif not is_page:
            yield Verdict(Role.BODY, "above the article, nothing speaks against it")
        elif title is not None and _is_deck(head, index, title, vocabulary):
            yield Verdict(Role.BODY, "between headline and article")
        else:
            yield Verdict(Role.BOILERPLATE, "among the page's furniture, above the article")


def _is_agency_line(line: Evidence) -> bool:
    """Tell whether a line is of the kind "Istanbul / Ali Demir / Anadolu"; paths stand above the headline."""
    return line.furniture == CRUMBS and line.text.count(" / ") in (1, 2) and line.n_words <= 10


def _listing(line: Evidence, listing: str) -> str:
    """Return which list of links goes on after a line, "" for none: furniture or prose ends it."""
    if line.furniture:
        return line.furniture if line.effect is Effect.LIST else ""
    return "" if line.states or line.score >= _PROSE else listing


def _is_lead(line: Evidence, vocabulary: frozenset[str]) -> bool:
    """Tell whether a line outside the main block is a paragraph of the article, cut off by a list."""
    if line.furniture or not line.states or line.n_words < 12 or line.hint.is_outside:
        return False
    return len(vocabulary & line.content) >= (3 if line.n_words >= PARAGRAPH_WORDS else 4)


def _is_deck(head: Sequence[Evidence], index: int, title: int, vocabulary: frozenset[str]) -> bool:
    """Tell whether a line between headline and article leads into the article."""
    line = head[index]
    is_far = line.hint.is_outside and index > title + 2
    if index <= title or (is_far and len(vocabulary & line.content) < 3):
        return False
    if line.hint.extracted:
        return line.n_words >= 4
    return line.n_words >= 5 and (line.states or not vocabulary.isdisjoint(line.content))


def _inside(main: Sequence[Evidence], is_page: bool, between: frozenset[int]) -> Iterator[Verdict]:
    """Yield the roles of the main block's lines: the article, and what a page puts between paragraphs."""
    listing = ""
    closing = _closing(main) if is_page else len(main)
    is_over = False
    quotes = _pull_quotes(main) if is_page else frozenset()
    beside = _runs_beside_furniture(main) | (_strangers(main) | _table_rows(main) if is_page else frozenset())
    for index, line in enumerate(main):
        is_long = line.n_words > 30
        if line.furniture and not (is_long and line.hit is not None and not line.hit.whole):
            listing = line.furniture if line.effect is Effect.LIST else ""
            is_over = is_over or index > closing
            yield Verdict(Role.BOILERPLATE, line.furniture)
        elif listing and not line.states and line.n_words <= 20 and line.score < _PROSE:
            yield Verdict(Role.BOILERPLATE, f"below {listing}")
        elif line.hit is not None and line.hit.role is not Role.BOILERPLATE and not is_long:
            listing = ""
            yield Verdict(line.hit.role, line.hit.reason)
        elif index in beside:
            yield Verdict(Role.BOILERPLATE, "short lines beside the page's furniture")
        elif index in between and _is_link_text(main, index):
            yield Verdict(Role.BOILERPLATE, "among links between the article's paragraphs")
        elif index > closing and line.n_words < (PARAGRAPH_WORDS if is_over else 12):
            is_over = True
            yield Verdict(Role.BOILERPLATE, "short line after the notes and credits")
        elif is_page and line.score < 0 and line.n_words in _HEADLINE_WORDS and not line.hint.heading:
            yield Verdict(Role.BOILERPLATE, "headline or caption among the paragraphs")
        elif index in quotes:
            yield Verdict(Role.BOILERPLATE, "pull quote, repeats words of the article")
        else:
            listing = ""
            yield Verdict(Role.BODY, _BODY_REASON if line.score > 0 else "short line inside the main block")


def _is_link_text(main: Sequence[Evidence], index: int) -> bool:
    """Tell whether a line is as short as links are, and no heading with a paragraph below."""
    line, below = main[index], main[index + 1 : index + 2]
    if line.hint.heading and any(other.score >= _PROSE and not other.furniture for other in below):
        return False
    return not line.states and line.n_words <= 20 and line.score < _PROSE


def _closing(main: Sequence[Evidence]) -> int:
    """Return which line begins the article's notes and credits: no paragraph comes after it."""
    last = max((index for index, line in enumerate(main) if line.n_words >= PARAGRAPH_WORDS), default=1)
    last = max(last, len(main) // 2)
    marks = (i for i, line in enumerate(main) if i > last and line.hit is not None and not line.furniture)
    return next(marks, len(main))


def _runs_beside_furniture(main: Sequence[Evidence]) -> frozenset[int]:
    """Return the lines in runs of short lines next to furniture, such as the answers of a poll."""
    found: set[int] = set()
    run: list[int] = []
    for index, line in enumerate(main):
        if (
            line.n_words <= 3
            and not line.ends
            and not line.furniture
            and line.hit is None
            and not line.hint.heading
        ):
            run.append(index)
            continue
        before = main[run[0] - 1] if run and run[0] > 0 else None
        if len(run) >= 2 and (line.furniture or (before is not None and before.furniture)):
            found.update(run)
        run = []
    return frozenset(found)


def _strangers(main: Sequence[Evidence]) -> frozenset[int]:
    """Return the short lines after furniture that share no word with the article's sentences: advertising."""
    sentences = [line for line in main if _is_sentence(line) and not line.furniture]
    vocabulary = frozenset(stem for line in sentences for stem in line.stems)
    found: set[int] = set()
    follows = False
    for index, line in enumerate(main):
        is_short = not _is_sentence(line) and (line.n_words > 1 or index - 1 in found)
        is_strange = is_short and line.hit is None and vocabulary.isdisjoint(line.stems)
        follows = bool(line.furniture) or (follows and is_strange and not line.hint.heading)
        if follows and not line.furniture:
            found.add(index)
    return frozenset(found)


def _is_sentence(line: Evidence) -> bool:
    return line.states or line.n_words >= 12 or line.text.rstrip()[-1:] == ":"


def _table_rows(main: Sequence[Evidence]) -> frozenset[int]:
    """Return the rows of tables of figures, with tabs between their cells, and the line above."""
    rows = [index for index, line in enumerate(main) if "\t" in line.text.strip() and not line.states]
    if sum(any(char.isdecimal() for char in main[index].text) for index in rows) < 3:
        return frozenset()
    head = rows[0] - 1
    is_heading = head >= 0 and main[head].n_words < 6 and not main[head].ends
    return frozenset(rows) | ({head} if is_heading else frozenset())


def _pull_quotes(main: Sequence[Evidence]) -> frozenset[int]:
    """Return the lines whose words stand, nearly all of them, in one longer line: quotations set large.

    A line that lacks a line's rarest words cannot hold enough of the others, so only those with one are
    compared, equal ones once.
    """
    longest: dict[frozenset[str], int] = {}
    for line in main:
        longest[line.content] = max(longest.get(line.content, 0), line.n_words)
    holders: dict[str, list[frozenset[str]]] = {}
    for content in longest:
        for word in content:
            holders.setdefault(word, []).append(content)
    found = set()
    for index, line in enumerate(main):
        is_quoted = line.text.strip()[0] in _QUOTES and line.text.strip()[-1] in _QUOTES
        if line.hint.heading or not (2 if is_quoted else 4) <= line.n_words <= 30:
            continue
        content = line.content
        needed = _QUOTED * len(content)
        rarest = sorted(content, key=lambda word: len(holders[word]))[: int(len(content) - needed) + 1]
        if (is_quoted or not line.ends) and any(
            longest[other] > line.n_words and len(content & other) >= needed
            for word in rarest
            for other in holders[word]
        ):
            found.add(index)
    return frozenset(found)


def _below(tail: Sequence[Evidence], main: Sequence[Evidence], is_page: bool) -> Iterator[Verdict]:
    """Yield the roles of the lines below the main block: notes and credits, then furniture."""
    runs = range(len(tail) - _RUN + 1 if is_page else 0)
    fragments = next((i for i in runs if all(map(_is_fragment, tail[i : i + _RUN]))), len(tail))
    first = next((index for index, line in enumerate(tail) if line.furniture), fragments)
    first = min(first, fragments)
    vocabulary = frozenset(word for line in main[-40:] for word in line.content)
    resumed = _resumed(tail, vocabulary)
    # Where the article is written in sentences, a run of lines without any that ends in furniture is no part
    # of it, unless its last line announces a list.
    is_prose = sum(line.states for line in main) >= 2 and not main[-1].text.rstrip().endswith(":")
    ended = listing = ""
    for index, line in enumerate(tail):
        if line.furniture:
            ended = line.furniture if line.effect is Effect.END else ended
            listing = line.furniture if line.effect is Effect.LIST else ""
            yield Verdict(Role.BOILERPLATE, line.furniture)
        elif ended:
            yield Verdict(Role.BOILERPLATE, f"after {ended}")
        elif line.hit is not None:
            yield Verdict(line.hit.role, line.hit.reason)
        elif listing and not line.states:
            yield Verdict(Role.BOILERPLATE, f"below {listing}")
        elif index >= first and index not in resumed:
            yield Verdict(Role.BOILERPLATE, "among the page's furniture, below the article")
        elif index < first and line.n_words >= 5 and _is_bracketed(line.text):
            yield Verdict(Role.NOTE, "in brackets below the article")
        elif not line.states and index < first < len(tail) and (is_prose or first - index <= _NEAR):
            yield Verdict(Role.BOILERPLATE, "short line before the page's furniture, below the article")
        elif line.hint.is_outside:
            yield Verdict(Role.BOILERPLATE, "outside the article's part of the page")
        else:
            yield Verdict(Role.BODY, "below the main block, nothing speaks against it")


def _is_bracketed(text: str) -> bool:
    return text.strip()[0] in "([" and text.strip()[-1] in ")]"


def _resumed(tail: Sequence[Evidence], vocabulary: frozenset[str]) -> frozenset[int]:
    """Return the lines that go on with the article below furniture: runs of paragraphs, or in its words."""
    found: set[int] = set()
    run: list[int] = []
    for index, line in enumerate(tail):
        if line.effect is Effect.END:
            break
        if not line.furniture and line.score >= 1.0:
            run.append(index)
            found.update([index] if _is_lead(line, vocabulary) else [])
        else:
            found.update(run if sum(tail[i].score for i in run) >= _RESUMED else [])
            run = []
    found.update(run if sum(tail[i].score for i in run) >= _RESUMED else [])
    return frozenset(found)
