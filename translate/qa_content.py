"""Checks of what must reach the translation: text at all, numbers, addresses, placeholders, tags, negations.

Each check takes source and target and yields flags. Tools of the trade assume an English source and flag good
translations from Arabic ("٣٫٥٪" against "3.5%"); these compare meanings and know both scripts.
"""

import re
from collections import Counter
from collections.abc import Iterator

from dragoman.corpora.normalisation import drop_bidi_controls, is_arabic_letter, matching_key
from dragoman.translate.number_words import fold_arabic
from dragoman.translate.numbers import compare_numbers
from dragoman.translate.verbatim import addresses
from dragoman.units import Flag, Severity

_TAG = re.compile(r"</?[A-Za-z][\w:.-]*(?:\s[^<>]*?)?\s*/?>")
_PLACEHOLDER = re.compile(
    r"""\{\{[^{}\n]{1,60}\}\}  # {{name}}
    | \$\{[^{}\n]{1,60}\}             # ${name}
    | \{[\w.:!-]{0,40}\}              # {0} {name} {}
    | %\([\w.]+\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]   # %(name)s
    | (?<![\w%])%(?:\d+\$)?[-+0#]*\d*(?:\.\d+)?(?:l{0,2}[diuxXfFeEgGs]|@)(?![\w])  # %s %1$d %.2f %@
    | \[\[[^\[\]\n]{1,60}\]\]         # [[name]]
    | \[%\s*\w+\s*%\] | %%\w+%% | (?<!\w)%[A-Z][A-Z0-9_]+%(?!\w) | __[A-Z][A-Z0-9_]*__ | @@\w+@@
    | (?<![\w$])\$[A-Z][A-Z0-9_]*\$?(?!\w)   # $NAME
    | \\[nrt](?![A-Za-z])             # escapes of software texts
    """,
    re.VERBOSE,
)
_MARKED = re.compile(r"[<{}%\[$@#/\\_]|\w\.\w")  # without one of these there is nothing to strip
_ARABIC = re.compile("[\u0600-\u08ff\ufb50-\ufefc]")
_TERMINAL = ".!?؟۔…"
_CLOSERS = re.compile(r"[\s\"'”’»›)\]}*_\u200e\u200f\u202a-\u202e\u2066-\u2069]+$")
# fmt: off
_DANGLING = frozenset({
    "a", "an", "the", "of", "to", "in", "on", "at", "by", "for", "from", "with", "and", "or", "but", "that",
    "which", "who", "whose", "as", "into", "than", "if", "is", "are", "was", "were", "be", "been", "has",
    "have", "had", "will", "would", "its", "their", "his", "her", "this", "these", "those", "between",
    "about", "over", "under", "after", "before", "because", "while", "when", "where", "during", "against",
    "per", "not",
})
# fmt: on
_WORD = re.compile(r"[^\W\d_]+")
_LATIN_NAME = re.compile(r"(?<![A-Za-z])[A-Za-z][A-Za-z&.'’-]*[A-Za-z](?![A-Za-z])")
_NEGATION = re.compile(
    r"(?<!\w)[وف]?(?:لم|لن|ليس(?:ت|وا|ا)?|لست(?:م)?|لسنا|لا(?=\s+[يتنا]\w{2,}))(?!\w)\s*(?P<next>\w*)"
)
# Negations that English says without one: "لا يزال" still, "لا يكاد" hardly …
_NO_NEGATION = re.compile("[يتنا]زال|سيما|بد|شك|محاله|[يت]كاد|[يت]لبث|[يت]فتا")
_EXCEPTION = re.compile(
    r"(?<!\w)(?:الا|سوي|غير|اكثر|[يت]تجاوز|[يت]زيد|[يت]قل|قبل|بعد|حتي|القليل|مجرد|فقط)(?!\w)"
)
_ENGLISH_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nor|without|nobody|nothing|nowhere|neither|cannot|fail\w*|lack\w*|refus\w*"
    r"|den(?:y|ied|ies)|only|yet|still|hardly|barely|scarcely|rather|few|little"
    r"|un(?!der|til|ion|ite|ity|iq|iv|less\b)\w{3,}"
    r"|in(?:ab|ac(?!ros)|ad|cap|compl(?!e?i)|corr|def(?!en)|eff|elig|suff|vis|val(?!u)|sol(?!at))\w+"
    r"|im(?:poss|prop|parti|pract)\w+|dis\w{3,}|\w+less|non-?\w+|unless|exclud\w+|stop\w*|avoid\w*|remain\w*"
    r"|miss\w*|far from|instead|beyond|prevent\w*|ban\w*|absen\w+|devoid|free of|ceas\w*|short of"
    r"|anything but|end(?:ed|s)?|reject\w*|stay\w*|out of|just)\b|n['’]t\b",
    re.IGNORECASE,
)
_MIN_RATIO = 0.5  # target characters a source character; below it half of a sentence is gone
_MIN_RATIO_OPEN = 1.15  # the same for a target that does not end a sentence although the source does
_MIN_CUT_CHARS = 40  # headlines and labels are shortened freely


def strip_markup(text: str) -> str:
    """Return the text without tags, placeholders and what must stay verbatim, for checks of plain words."""
    if not _MARKED.search(text):
        return text
    text = _PLACEHOLDER.sub(" ", _TAG.sub(" ", text))
    for start, end in reversed(addresses(text)):
        text = f"{text[:start]} {text[end:]}"
    return text


def check_presence(src: str, tgt: str) -> Iterator[Flag]:
    """Flag targets that are empty, untranslated, or hold Arabic letters."""
    if not any(char.isalnum() for char in src):
        return
    if not any(char.isalnum() for char in tgt):
        yield Flag("empty", Severity.ERROR, "no translation")
        return
    plain = strip_markup(tgt) if _ARABIC.search(tgt) else ""  # a hashtag or a URL may hold Arabic letters
    if not (arabic := [char for char in _ARABIC.findall(plain) if is_arabic_letter(char)]):
        return
    n_letters = sum(char.isalpha() for char in tgt)
    if matching_key(src) == matching_key(tgt) or len(arabic) > n_letters / 2:
        yield Flag("untranslated", Severity.ERROR, "the translation is still in Arabic script")
    else:
        words = [word for word in re.findall(r"\w+", plain) if any(map(is_arabic_letter, word))]
        yield Flag("arabic-left", Severity.ERROR, f"Arabic left in the translation: {_list(words)}")


def check_numbers(src: str, tgt: str) -> Iterator[Flag]:
    """Flag numbers that are missing, changed or added, and lost per cent signs."""
    report = compare_numbers(strip_markup(src), strip_markup(tgt))
    if report.missing and report.added:
        change = f"{_list(report.missing)} in the source, {_list(report.added)} in the translation"
        yield Flag("number", Severity.ERROR, f"number changed: {change}")
    elif report.missing:
        yield Flag("number", Severity.ERROR, f"number missing: {_list(report.missing)}")
    elif report.added:
        yield Flag("number", Severity.ERROR, f"number without a source: {_list(report.added)}")
    if report.words_missing:
        yield Flag("number", Severity.ERROR, f"number missing or changed: {_list(report.words_missing)}")
    if report.percent_lost:
        yield Flag("number", Severity.ERROR, "per cent missing")


def check_verbatim(src: str, tgt: str) -> Iterator[Flag]:
    """Flag URLs, e-mail addresses, handles, paths and versions that did not stay as they were."""
    clean = drop_bidi_controls(tgt)
    found = Counter(src[start:end] for start, end in addresses(src))
    for span, n_times in found.items():
        if _count(span, clean) >= n_times or _count(span.rstrip("/"), clean) >= n_times:
            continue
        if re.fullmatch(r"[^@\s]+@[^@\s]+\.\w+", span):
            yield Flag("email", Severity.ERROR, f"e-mail address missing: {span}")
        elif span.startswith("#"):
            yield Flag("hashtag", Severity.WARNING, f"hashtag missing: {span}")
        elif re.match(r"\w+://|www\.|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/|$)", span, re.IGNORECASE):
            yield Flag("url", Severity.ERROR, f"URL missing: {span}")
        else:
            yield Flag("verbatim", Severity.ERROR, f"missing: {span}")


def check_placeholders(src: str, tgt: str) -> Iterator[Flag]:
    """Flag placeholders and tags that are missing or added, and tags that close before they open."""
    for kind, pattern, noun in (("tag", _TAG, "tag"), ("placeholder", _PLACEHOLDER, "placeholder")):
        wanted, got = (Counter(match[0] for match in pattern.finditer(text)) for text in (src, tgt))
        if missing := list((wanted - got).elements()):
            yield Flag(kind, Severity.ERROR, f"{noun} missing: {_list(missing)}")
        elif extra := list((got - wanted).elements()):
            yield Flag(kind, Severity.ERROR, f"{noun} without a source: {_list(extra)}")
        elif kind == "tag" and wanted and _is_nested(src) and not _is_nested(tgt):
            yield Flag(kind, Severity.ERROR, "tags in another order: one closes before it opens")


def check_truncation(src: str, tgt: str) -> Iterator[Flag]:
    """Flag targets that stop early: no end mark, a last word that cannot be last, half the length."""
    src, tgt = src.strip(), tgt.strip()
    if not tgt or not _ARABIC.search(src):
        return
    ratio = len(tgt) / max(1, len(src))
    words = _WORD.findall(tgt)
    is_open = _ends_sentence(src) and not _ends_sentence(tgt)
    dangles = bool(words) and words[-1].casefold() in _DANGLING and tgt.endswith(words[-1])
    is_long = len(src) >= _MIN_CUT_CHARS
    if dangles and (is_open or (is_long and ratio < _MIN_RATIO_OPEN)):
        yield Flag("truncated", Severity.ERROR, f"the translation breaks off after “{words[-1]}”")
    elif (is_open or tgt.endswith((",", "،", "-", "—", ";"))) and is_long and ratio < _MIN_RATIO_OPEN:
        yield Flag("truncated", Severity.ERROR, "the translation stops before the end of the sentence")
    elif is_long and ratio < _MIN_RATIO:
        yield Flag("truncated", Severity.ERROR, f"much shorter than its source ({ratio:.0%} of its length)")


def check_negation(src: str, tgt: str) -> Iterator[Flag]:
    """Flag a negated verb where nothing in the target can stand for a negation."""
    folded = fold_arabic(src)
    if _ENGLISH_NEGATION.search(tgt):
        return
    for match in _NEGATION.finditer(folded):
        if not _NO_NEGATION.match(match["next"]) and not _EXCEPTION.search(folded, match.start()):
            yield Flag("negation", Severity.WARNING, f"a negation may be lost: {match[0].strip()}")
            return


def check_latin_names(src: str, tgt: str) -> Iterator[Flag]:
    """Flag names that the source has in Latin letters and the target has not."""
    wanted = {match[0] for match in _LATIN_NAME.finditer(strip_markup(src))}
    folded = re.sub(r"[\W_]", "", tgt.casefold())
    lost = sorted(name for name in wanted if re.sub(r"[\W_]", "", name.casefold()) not in folded)
    if lost and _ARABIC.search(src):
        yield Flag("name", Severity.WARNING, f"name in Latin letters lost: {_list(lost)}")


def _ends_sentence(text: str) -> bool:
    return _CLOSERS.sub("", text).endswith(tuple(_TERMINAL))


def _is_nested(text: str) -> bool:
    """Tell whether every closing tag has an open one of its name before it, last opened first."""
    opened: list[str] = []
    for match in _TAG.finditer(text):
        tag = match[0]
        name = re.sub(r"^</?([\w:.-]+).*$", r"\1", tag, flags=re.DOTALL)
        if tag.startswith("</"):
            if not opened or opened.pop() != name:
                return False
        elif not tag.endswith("/>"):
            opened.append(name)
    return True


def _count(span: str, text: str) -> int:
    """Count a span where no longer address goes on from it."""
    return len(re.findall(re.escape(span) + r"(?![\w/@-]|\.\w)", text)) if span else 0


def _list(items: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(items[:5])
    return shown if len(items) <= 5 else f"{shown} and {len(items) - 5} more"
