r"""Which marks end a sentence: candidates by one regular expression, doubtful ones by rules.

`STOP` finds a run of sentence-final marks with the closing quotes, brackets, footnote numbers and emoji that
belong to it. Most candidates are settled by the word before and the character after; what is left meets the
rules for abbreviations, initials, numbers, ellipses, quotations and stops without a space. The words are
data: tables/abbreviations_*.tsv. Every rule looks at most `_WORD` characters around, so time is linear.

The ideas are those of the rule-based tradition (Grefenstette and Tapanainen 1994, "What is a word, what is a
sentence?"; Mikheev 2002, "Periods, capitalized words, etc."), the Arabic rules our own.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

# Sentence-final marks: ASCII, … DOUBLE and question-exclamation marks, ARABIC QUESTION MARK, ARABIC FULL STOP
# (Urdu), ideographic and full-width marks, DEVANAGARI DANDA, ARMENIAN and ETHIOPIC full stops.
_MARKS = ".!?\u2026\u203c\u203d\u2048\u2049\u061f\u06d4\u3002\uff01\uff1f\uff0e\uff61\u0964\u0965\u0589\u1362"
_IDEOGRAPHIC = frozenset("\u3002\uff01\uff1f\uff0e\uff61")
_QUOTES = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a'
_SINGLE_QUOTES = "'\u2018\u2019`\u00b4"
_BRACKETS = ")\\]}\uff09\u3011\u300d\u300f"
_SURE_CLOSERS = f"{_BRACKETS}\u201d\u00bb\u2019"
_EMOJI = (
    "(?:[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\u231a-\u23ff]"
    "[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff\u20e3\U000e0020-\U000e007f]*+)"
)
EMOTICON = "(?:[:;=8][-'o^]?[)(DPpOo/\\\\|*3\\]\\[]++(?!\\w)|<3(?!\\w)|\\^_?\\^)"

STOP = re.compile(
    f"([{_MARKS}][{_MARKS}]*+(?:[ \u00a0][{_MARKS}]++(?!\\w))*+"
    f"(?:[{_QUOTES}{_SINGLE_QUOTES}{_BRACKETS}]++(?!\\w)|[{_SURE_CLOSERS}]*+)"
    f"(?:[ \u00a0]?\\[\\d{{1,3}}\\])*+"
    f"(?:[ \u00a0]?{_EMOJI}|[ \u00a0]{{0,2}}{EMOTICON})*+)\\s*+"
)
_ELLIPSIS = re.compile("(?:\\.\\.+|\u2026)[.\u2026 \u00a0]*")
_ASKS = re.compile("[!?\u061f\u203c\u203d\u2048\u2049]")
_PRONOUN_I = re.compile("I(?!\\w)")
_LETTERS_WITH_AND = frozenset({"وأ", "ود", "وم", "وص", "وق"})  # titles and units after "and"
# Capital Latin letters and Arabic ones: the fast path's sentences begin with them.
_BEGINNERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ") | frozenset(map(chr, range(0x0621, 0x064B)))
_PLAIN_MARKS = frozenset(".!?\u061f")
_LAST_WORD = re.compile("[^\\W_](?:[.&'\u2019/\\w\u064b-\u0652\u0640-])*$")
_CLOSES = re.compile(f"[ \u00a0]*[{_QUOTES}\u2018\u2019'{_BRACKETS}]+(?=\\s|$)")
_WORD = 40  # characters; no abbreviation is longer
_TOKEN = 300  # characters; how far back a token without spaces is looked at for signs of an address
_QUOTED = 2000  # characters; how far back an open quotation is looked for
_ADDRESS = re.compile("[/@\\\\#_=]|www\\.", re.IGNORECASE)
_DOTTED = re.compile("(?:[^\\W\\d_]\\.)+[^\\W\\d_]")
_LIST_NUMBER = re.compile("[\\s*\u2022(\\[-]*(?:\\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})(?:\\.\\d{1,3})*")
_DIACRITICS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u200c-\u200f\u202a-\u202e\u2066-\u2069]+")
_FIRST_WORD = re.compile("[\\w'\u2019]+")
_CONTINUES = frozenset(f",;:،؛)]}}%{_MARKS}")
_SPEAKER = re.compile(r"(?:[A-Z][\w.'\u2019-]* ){1,3}([a-z]+)\b")


@dataclass(frozen=True, slots=True)
class Rules:
    """The word lists of a language, as sets of folded words.

    Attributes:
        doubtful: every word that the fast path must not wave through.
        kinds: kind of a listed word ("never", "number" …) to the words.
    """

    doubtful: frozenset[str]
    kinds: dict[str, frozenset[str]]

    def has(self, kind: str, word: str) -> bool:
        """Tell whether a folded word is listed under a kind."""
        return word in self.kinds.get(kind, ())


@cache
def rules_for(lang: str) -> Rules:
    """Return the rules of a language; for a language without tables they are the general ones.

    Arabic texts quote English names, so "ar" has the words of both tables.
    """
    code = lang.lower().split("-")[0]
    kinds: dict[str, set[str]] = {}
    for table in {"ar": ("ar", "en"), "en": ("en",)}.get(code, ()):
        for kind, words in _read_table(f"abbreviations_{table}.tsv"):
            kinds.setdefault(kind, set()).update(words)
    if "particle" in kinds:
        kinds["particle"] |= {prefix + word for prefix in "وف" for word in kinds["particle"]}
    doubtful = set().union(*(words for kind, words in kinds.items() if kind not in ("opener", "says")))
    doubtful |= _LETTERS_WITH_AND | {char for char in map(chr, range(0x700)) if char.isalpha()}
    doubtful |= {word.capitalize() for word in doubtful} | {word.upper() for word in doubtful}
    return Rules(frozenset(doubtful), {kind: frozenset(words) for kind, words in kinds.items()})


def _read_table(name: str) -> list[tuple[str, list[str]]]:
    table = resources.files("dragoman.corpora").joinpath(f"tables/{name}").read_text(encoding="utf-8")
    rows = [row.split("\t") for row in table.split("\n") if row and not row.startswith("#")]
    return [(kind, words.split()) for kind, words in rows]


def split_block(text: str, start: int, end: int, rules: Rules) -> list[tuple[int, int]]:
    """Return the sentences of `text[start:end]` as offsets, white space around them left out.

    Args:
        text: the whole text.
        start: first character of a paragraph, not white space.
        end: end of the paragraph, not after white space.
        rules: of the language.
    """
    sentences: list[tuple[int, int]] = []
    first = start
    doubtful = rules.doubtful
    for match in STOP.finditer(text, start, end):
        following = match.end()
        if following >= end:
            break
        mark, stop = match.span(1)
        if mark < first:  # inside closing quotes that went to the sentence before
            continue
        reach = mark - _WORD if mark - _WORD > first else first
        word = text[max(reach, text.rfind(" ", reach, mark) + 1) : mark]
        is_plain = (  # a plain word, one mark, a space, a letter that can begin a sentence
            following > stop == mark + 1
            and text[following] in _BEGINNERS
            and word not in doubtful
            and word.isalpha()
            and text[mark] in _PLAIN_MARKS
        )
        if not is_plain:
            if following == stop and text[mark] == "." and text[following].isdigit():
                continue  # a decimal
            closed = _spaced_closers(text, first, stop, end) if following > stop else stop
            if closed > stop:
                stop = following = closed
                while following < end and text[following].isspace():
                    following += 1
                if following >= end:
                    break
            if not _ends(text, first, mark, stop, following, end, rules):
                continue
        sentences.append((first, stop))
        first = following
    if first < end:
        sentences.append((first, end))
    return sentences


def _spaced_closers(text: str, first: int, stop: int, end: int) -> int:
    """Return where closing quotes or brackets after white space end, `stop` when there are none."""
    match = _CLOSES.match(text, stop, end)
    if match is None:
        return stop
    char = match[0].strip()[0]
    if char in ")]}\u201d":
        return match.end()
    if char in "'\u2018\u2019":
        n_open = text.count(" '", max(first, stop - _QUOTED), stop) + text.count(
            "\u2018", max(first, stop - _QUOTED), stop
        )
        return match.end() if n_open else stop
    n_quotes = sum(text.count(quote, max(first, stop - _QUOTED), stop) for quote in _QUOTES)
    return match.end() if n_quotes % 2 else stop


def _ends(text: str, first: int, mark: int, stop: int, following: int, end: int, rules: Rules) -> bool:
    """Decide on the candidate sentence `text[first:stop]`: marks from `mark`, next word at `following`."""
    marks, after = text[mark:stop], text[following]
    if marks[0] in _IDEOGRAPHIC:
        return True
    while mark > first and text[mark - 1] in " \u00a0":
        mark -= 1
    if after in _CONTINUES or mark == first:
        return False
    before = text[mark - 1]
    next_word = _next_word(text, following, end)
    if following == stop and not _is_glued_end(text, first, mark, stop, next_word, rules):
        return False
    is_quoted = marks[-1] in _QUOTES or marks[-1] in _SINGLE_QUOTES
    asks = _ASKS.search(marks) is not None
    if is_quoted and _is_attribution(
        text, first, following, end, asks=asks, next_word=next_word, rules=rules
    ):
        return False
    ellipsis = _ELLIPSIS.match(marks)
    if ellipsis is not None and not asks:
        return _is_ellipsis_end(before, ellipsis[0], next_word or after)
    word = _word_before(text, first, mark)
    if after.islower():
        if is_quoted:
            return False
        if not before.isalnum():
            return True
        return len(word) > 1 and word.lower() == word and word not in rules.doubtful and "." not in word
    if asks and rules.has("shout", word.lower()):
        return rules.has("opener", next_word.lower())
    if asks or not (before.isalnum() or _DIACRITICS.match(before)):
        return True
    if mark - first <= 12 and _LIST_NUMBER.fullmatch(text, first, mark):
        return False
    return _is_whole_word(text, first, mark, word, after, next_word, rules)


def _is_attribution(
    text: str, first: int, following: int, end: int, *, asks: bool, next_word: str, rules: Rules
) -> bool:
    """Tell whether what follows a quotation belongs to its sentence: "Where?" he asked.

    After a question that is a verb of saying or a particle; after a full stop only when the sentence is
    nothing but the quotation, since "…" then more likely ends a sentence that began before it.
    """
    key = _fold(next_word)
    if is_arabic(next_word[:1]):
        return (rules.has("says", key) and (asks or text[first] in _QUOTES)) or (
            asks and rules.has("particle", key)
        )
    if not asks or rules.has("opener", key):
        return False
    speaker = _SPEAKER.match(text, following, min(end, following + 2 * _WORD))
    return speaker is not None and rules.has("says", speaker[1])


def _is_glued_end(text: str, first: int, mark: int, stop: int, next_word: str, rules: Rules) -> bool:
    """Tell whether marks without a space after them may end a sentence: "2022.وبدأ", but not "a.org"."""
    before, after = text[mark - 1], text[stop]
    reach = max(first, mark - _TOKEN)
    if _ADDRESS.search(text, max(reach, text.rfind(" ", reach, mark)), mark):
        return False
    if after in "-*\u2013\u2014\u2022" or after in '(\u201c\u00ab\u2018"':
        return is_arabic(before)
    if is_arabic(after):
        return after.isalpha()
    if not (after.isupper() and before.islower() and next_word[1:].islower()):
        return False
    return rules.has("opener", next_word.lower()) or _word_before(text, first, mark).islower()


def _is_ellipsis_end(before: str, dots: str, next_word: str) -> bool:
    """Tell whether an ellipsis ends a sentence.

    Two dots are a full stop in much of the Arabic press; three are a pause, or an omission in brackets.
    """
    if before in "([":
        return False
    if is_arabic(next_word[0]):
        return dots.rstrip() == ".."
    return (next_word[0].isupper() and not _PRONOUN_I.match(next_word)) or not next_word[0].isalnum()


def _is_whole_word(
    text: str, first: int, mark: int, word: str, after: str, next_word: str, rules: Rules
) -> bool:
    """Tell whether the word before a full stop is no abbreviation, initial or particle."""
    key = _fold(word)
    begin = mark - len(word)
    if is_arabic(word[-1:]):
        follows = not rules.has("particle", _fold(next_word))
        if len(key) == 1 or key in _LETTERS_WITH_AND:
            is_unit = text[max(first, begin - 2) : begin].strip().isdigit()
            return is_unit and follows and text[mark + 1].isspace()
        if rules.has("maybe", key.removeprefix("و")):
            return follows
        if rules.has("never", key.removeprefix("و")) or _DOTTED.fullmatch(key.removeprefix("و")):
            return False
        if rules.has("spelled", key) or rules.has("homograph", key):
            previous = _fold(_word_before(text, first, begin - 1))
            if rules.has("spelled", previous) or rules.has("homograph", previous):
                return True
            return not rules.has("spelled", key) and not rules.has("particle", key)
        if rules.has("number", key) and after.isdigit():
            return False
        return not rules.has("particle", key)
    has_capital = word[:1].isupper()
    if rules.has("never", key) or (has_capital and rules.has("title", key)):
        return False
    if after.isdigit() and rules.has("number", key):
        return False
    is_open = (
        (len(key) == 1 and key.isalpha())
        or rules.has("maybe", key)
        or (has_capital and rules.has("name", key))
        or _DOTTED.fullmatch(key) is not None
    )
    return not is_open or is_arabic(after) or rules.has("opener", next_word.lower())


def is_arabic(char: str) -> bool:
    """Tell whether a character is a letter, mark or digit of the Arabic blocks."""
    return "\u0610" <= char <= "\u06ff" or "\u0750" <= char <= "\u08ff" or "\ufb50" <= char <= "\ufefc"


def _word_before(text: str, first: int, mark: int) -> str:
    """Return the word that ends at `mark`, without brackets or quotes before it."""
    match = _LAST_WORD.search(text, max(first, mark - _WORD), max(first, mark))
    return match[0] if match else ""


def _next_word(text: str, following: int, end: int) -> str:
    match = _FIRST_WORD.match(text, following, min(end, following + _WORD))
    return match[0] if match else ""


def _fold(word: str) -> str:
    """Return the form that words are compared in."""
    return _DIACRITICS.sub("", word).lower()
