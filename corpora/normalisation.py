r"""Normalisations of Arabic text, one named function each, always on a copy.

The text of a `Document` is never normalised: offsets point into it, and people read it. What the translation
model is given is `for_model(text)`; what two texts are compared by is `matching_key(text)`. Whoever stores
results of a model beside the text they came from puts `NORMALISER_VERSION` into the key.

Only Arabic presentation forms go through NFKC (Unicode Standard Annex 15): applied to everything it would
also turn "…" into "...", "²" into "2" and "½" into "1⁄2".
"""

import re
import unicodedata

NORMALISER_VERSION = 1

_ARABIC_DIGITS = {
    **{0x0660 + digit: str(digit) for digit in range(10)},  # ARABIC-INDIC DIGIT ZERO … NINE
    **{0x06F0 + digit: str(digit) for digit in range(10)},  # EXTENDED ARABIC-INDIC DIGIT ZERO … NINE
}
_NUMBER_MARKS = {
    0x066A: "%",  # ARABIC PERCENT SIGN
    0x066B: ".",  # ARABIC DECIMAL SEPARATOR
    0x066C: ",",  # ARABIC THOUSANDS SEPARATOR
}
_FOREIGN_LETTERS = {
    0x06A9: "\u0643",  # ARABIC LETTER KEHEH (Persian) → KAF
    0x06AA: "\u0643",  # ARABIC LETTER SWASH KAF → KAF
    0x06CC: "\u064a",  # ARABIC LETTER FARSI YEH → YEH
    0x06C1: "\u0647",  # ARABIC LETTER HEH GOAL (Urdu) → HEH
    0x06BE: "\u0647",  # ARABIC LETTER HEH DOACHASHMEE (Urdu) → HEH
    0x06D5: "\u0647",  # ARABIC LETTER AE → HEH
    0x06C3: "\u0629",  # ARABIC LETTER TEH MARBUTA GOAL → TEH MARBUTA
    0x06D4: ".",  # ARABIC FULL STOP (Urdu) → FULL STOP
}
# Four words in which a final Persian yeh stands for alef maqsura; everywhere else it stands for yeh.
_MAQSURA_WORDS = re.compile("(?<!\\w)([وف]?(?:عل|إل|ال|حت|لد))ی(?!\\w)")
_PRESENTATION_FORMS = re.compile(
    "[\ufb50-\ufd3d\ufd40-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc]+"  # not: ornate parentheses, non-characters, BOM
)
# Harakat, Quranic signs, superscript alef; MADDAH and HAMZA ABOVE/BELOW (U+0653-0655) belong to letters.
_DIACRITICS = re.compile(
    "[\u0610-\u061a\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]+"
)
_VOWELS = re.compile("[\u064e-\u0650\u0652]")  # FATHA, DAMMA, KASRA, SUKUN
_ARABIC_LETTER = re.compile(
    "[\u0620-\u063f\u0641-\u064a\u066e-\u066f\u0671-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c7]"
)
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]+"
)
_BIDI_CONTROL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NOT_CHARACTERS = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]+"
)
_EMOJI = re.compile(
    "[\u203c\u2049\u20e3\u231a\u231b\u2328\u23cf\u23e9-\u23fa\u25aa-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c"
    "\u2b50\u2b55\u3030\u303d\U0001f000-\U0001faff]"
)
_MAX_MARKS = 3  # a letter of vowelled Arabic carries at most shadda, vowel and superscript alef
_MARKS = re.compile("[^\\w\\s\x21-\x7e]{4}")  # marks are not word characters: a cheap sign of a long run
# Text of these characters alone, as most news is, needs no work but on its spaces: ASCII, Arabic letters,
# digits and punctuation, FATHATAN, «» “” – …
_PLAIN = re.compile(
    "[\\s\x21-\x7e\u060c\u061b\u061f\u0621-\u063a\u0641-\u064b\u0660-\u0669\u00ab\u00bb\u201c\u201d\u2013\u2026]*"
)
_SPACE = re.compile(r"\s+")
_KEY_LETTERS = {
    0x0622: "\u0627",  # ALEF WITH MADDA ABOVE → ALEF
    0x0623: "\u0627",  # ALEF WITH HAMZA ABOVE → ALEF
    0x0625: "\u0627",  # ALEF WITH HAMZA BELOW → ALEF
    0x0671: "\u0627",  # ALEF WASLA → ALEF
    0x0649: "\u064a",  # ALEF MAKSURA → YEH
    0x0629: "\u0647",  # TEH MARBUTA → HEH
    0x0624: "\u0648",  # WAW WITH HAMZA ABOVE → WAW
    0x0626: "\u064a",  # YEH WITH HAMZA ABOVE → YEH
}
_KEY_TABLE: dict[int, str] = {
    **_KEY_LETTERS,
    **_ARABIC_DIGITS,
    **_NUMBER_MARKS,
    **dict.fromkeys(range(0x0653, 0x0656), ""),  # MADDAH ABOVE, HAMZA ABOVE and BELOW, as in folded letters
}
# What tokenisers of translation models keep for themselves: SentencePiece and fairseq markers, languages.
_CONTROL_TOKEN = re.compile(
    r"<(?=/?\w{1,12}>)|>>(?=\w{2,8}<<)|__(?=\w{2,3}__)|(?<=[a-z]{3})_(?=[A-Z][a-z]{3}\b)|@(?=@)"
    r"|\[(?=(?:CLS|SEP|PAD|MASK|UNK)\])"
)


def fold_digits(text: str) -> str:
    """Write Arabic-Indic and Persian digits and their separators as ASCII.

    >>> fold_digits("١٢٫٥٪ و۱۲۳")
    '12.5% و123'
    """
    return text.translate(_ARABIC_DIGITS | _NUMBER_MARKS)


def fold_presentation_forms(text: str) -> str:
    """Write Arabic presentation forms (U+FB50-FDFF, U+FE70-FEFC) as plain letters, ligatures spelled out.

    Text extracted from PDF files is full of them. Everything else stays as it is.
    """
    return _PRESENTATION_FORMS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)


def fold_foreign_letters(text: str) -> str:
    """Write Persian and Urdu variants of Arabic letters as the Arabic ones: for text known to be Arabic.

    >>> fold_foreign_letters("فی کلفتہ علی") == "في كلفته على"
    True
    """
    return _MAQSURA_WORDS.sub("\\1\u0649", text).translate(_FOREIGN_LETTERS)


def drop_diacritics(text: str) -> str:
    """Drop vowel marks, shadda, the superscript alef and Quranic signs; ALEF WASLA (U+0671) becomes ALEF."""
    return _DIACRITICS.sub("", text).replace("\u0671", "\u0627")


def drop_tatweel(text: str) -> str:
    """Drop ARABIC TATWEEL (U+0640), the stroke that stretches a word."""
    return text.replace("\u0640", "")


def drop_invisible(text: str) -> str:
    """Drop zero-width characters, bidirectional controls, soft hyphens, variation selectors and tags."""
    return _INVISIBLE.sub("", text)


def drop_bidi_controls(text: str) -> str:
    """Drop the characters that reorder or isolate text for display (such as U+200E or U+202E)."""
    return _BIDI_CONTROL.sub("", text)


def count_bidi_controls(text: str) -> int:
    """Count the characters that `drop_bidi_controls` would drop."""
    return len(_BIDI_CONTROL.findall(text))


def drop_controls(text: str) -> str:
    r"""Drop C0 and C1 controls other than white space, lone surrogates and non-characters.

    No terminal should act on them, and XML 1.0 cannot hold most of them.
    """
    return _NOT_CHARACTERS.sub("", text)


def drop_emoji(text: str) -> str:
    """Drop emoji and the pictographs beside them, with joiners and modifiers; a space stays."""
    return _EMOJI.sub(" ", text)


def bound_marks(text: str) -> str:
    """Keep at most three combining marks in a row, each once; more are noise.

    Canonical reordering takes quadratic time in the length of such a run, so this comes before NFC.
    """
    if not _MARKS.search(text):
        return text
    kept: list[str] = []
    run: list[str] = []
    for char in text:
        if not unicodedata.combining(char):
            run.clear()
        elif len(run) >= _MAX_MARKS or char in run:
            continue
        else:
            run.append(char)
        kept.append(char)
    return "".join(kept)


def collapse_space(text: str) -> str:
    """Write each run of white space (line ends, U+00A0 … included) as one space, none at the ends."""
    return _SPACE.sub(" ", text).strip()


def has_dense_diacritics(text: str) -> bool:
    """Tell whether the text is vowelled throughout, as in schoolbooks: a vowel mark on one letter in five."""
    letters = len(_ARABIC_LETTER.findall(text))
    return letters > 0 and len(_VOWELS.findall(text)) >= 0.2 * letters


def defuse_control_tokens(text: str) -> str:
    """Make look-alikes of a tokeniser's control tokens harmless: a space after their first mark.

    "</s>" or "__ar__" in an article must reach the model as text, not as an end of sentence or a language.
    `restore_control_tokens` takes the spaces out of a translation again.

    >>> defuse_control_tokens("الرمز </s> هنا")
    'الرمز < /s> هنا'
    """
    return _CONTROL_TOKEN.sub(r"\g<0> ", text).replace(
        "\u2581", "_"
    )  # LOWER ONE EIGHTH BLOCK is SentencePiece's space


def restore_control_tokens(text: str) -> str:
    """Undo `defuse_control_tokens` (but for U+2581) where a model copied its result."""
    text = re.sub(r"< (?=/?\w{1,12}>)", "<", text)
    text = re.sub(r">> (?=\w{2,8} ?<<)", ">>", text)
    return re.sub(r"__ (?=\w{2,3}__)", "__", text)


def for_model(text: str, *, lang: str = "ar") -> str:
    """Return the text as a translation model is given it: on one line, in plain letters.

    Args:
        text: a segment of a document.
        lang: for "ar" Persian and Urdu letter variants are written as Arabic ones.
    """
    if _PLAIN.fullmatch(text):
        return collapse_space(text)
    text = drop_invisible(drop_emoji(fold_presentation_forms(drop_controls(text)))).replace("\ufffd", " ")
    if lang == "ar":
        text = fold_foreign_letters(drop_tatweel(text))
    text = unicodedata.normalize("NFC", bound_marks(text))
    if lang == "ar" and has_dense_diacritics(text):
        text = unicodedata.normalize("NFC", drop_diacritics(text))
    return collapse_space(text)


def matching_key(text: str) -> str:
    """Return a key that is equal for texts that differ in spelling habits only; not meant to be read.

    Beyond `for_model`: no diacritics, alef, yeh and teh marbuta variants folded, ASCII digits, no case.
    """
    return collapse_space(_DIACRITICS.sub("", for_model(text)).translate(_KEY_TABLE).casefold())


def is_arabic_letter(char: str) -> bool:
    """Tell whether a character is a letter of the Arabic script, of any language and in any form."""
    return bool(_ARABIC_LETTER.match(char) or _PRESENTATION_FORMS.match(char))
