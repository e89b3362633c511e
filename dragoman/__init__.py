"""Arabic articles to reviewed English: read, segment, translate, align and score.

Nothing heavy is imported here: the functions below are loaded when first used.
"""

import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dragoman.corpora.alignment import align as align
    from dragoman.corpora.alignment import align_corpus as align_corpus
    from dragoman.corpora.reading import read as read
    from dragoman.corpora.segmentation import segment as segment
    from dragoman.eval.scoring import score as score
    from dragoman.translate.translation import translate as translate

import dragoman.translate  # noqa: F401 - the package takes the name `translate` once, on its first import ...

del translate  # ... and leaves it from then on to the function of that name

_HOMES = {
    "align": "dragoman.corpora.alignment",
    "align_corpus": "dragoman.corpora.alignment",
    "read": "dragoman.corpora.reading",
    "score": "dragoman.eval.scoring",
    "segment": "dragoman.corpora.segmentation",
    "translate": "dragoman.translate.translation",
}

__all__ = ["align", "align_corpus", "read", "score", "segment", "translate"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'dragoman' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    setattr(sys.modules[__name__], name, value)
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
