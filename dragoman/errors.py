"""The errors that a caller can expect, in one tree.

DragomanError                 anything dragoman refuses or cannot do; its message is one clear line
├── InputError                a text, file or argument that cannot be used
│   ├── NotTextError          bytes that are not text (an image, an archive, a PDF …)
│   ├── NoTextError           nothing to work on: empty, white space, only boilerplate
│   ├── LanguageError         text that is not in the expected language
│   ├── FormatError           a TMX, XLIFF, TSV … that does not follow its format
│   └── MismatchError         two sides that must match and do not (lengths, ids, scoring modes)
├── ModelError                a model that is unknown, incomplete, damaged or fails its self-test
└── OutputError               results that cannot be written (disk full, no permission, OUT in use)

Mistakes of a programmer (a wrong type, a negative width) raise TypeError or ValueError instead.
"""

import re

_LINE_ENDS = re.compile("\\s*[\n\r\x0b\x0c\x85\u2028\u2029]\\s*")


class DragomanError(Exception):
    """Anything dragoman refuses or cannot do; `str(error)` is one line: what, where, what to do."""

    def __str__(self) -> str:
        """Return the message on one line, whatever a parser said that is quoted in it."""
        return _LINE_ENDS.sub(" ", super().__str__())


class InputError(DragomanError):
    """A text, file or argument that cannot be used."""


class NotTextError(InputError):
    """Bytes that are not text: an image, an archive, a PDF."""


class NoTextError(InputError):
    """Nothing to work on: an empty file, white space, only boilerplate."""


class LanguageError(InputError):
    """Text that is not in the expected language."""


class FormatError(InputError):
    """A structured file (TMX, XLIFF, TSV, JSONL …) that does not follow its format."""


class MismatchError(InputError):
    """Two sides that must match and do not: lengths, identifiers, scoring modes."""


class ModelError(DragomanError):
    """A model that is unknown, incomplete, damaged or fails its self-test."""


class OutputError(DragomanError):
    """Results that cannot be written: disk full, no permission, folder in use."""
