"""Text to tokens and back, for all families of models, without Transformers.

Sentence-piece models are asked for ids, and a table made once turns ids into the model's tokens. So no text
can ever become a control token: sentence-piece joins neighbouring unknown characters to one piece, and where
"<", "/", "s" and ">" are all unknown, "</s>" in an article would otherwise reach the model as its end of
sentence.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from dragoman.errors import ModelError
from dragoman.models.folders import Layout, language_tag

EOS = "</s>"
UNK = "<unk>"
_SPECIAL = frozenset({"<s>", EOS, UNK, "<pad>", "<mask>"})
_SPACE = "\u2581"  # LOWER ONE EIGHTH BLOCK: sentence-piece's space


class Tokeniser(Protocol):
    """Turns sentences into what a model is given, and its answers into text."""

    tgt_prefix: tuple[str, ...]

    def encode(self, sentences: Sequence[str]) -> list[list[str]]:
        """Return the tokens of each sentence, language token and end-of-sentence included."""
        ...

    def decode(self, tokens: Sequence[str]) -> str:
        """Return the text of target tokens; control tokens and the prefix are left out."""
        ...

    def encode_target(self, text: str) -> list[str]:
        """Return the tokens that a text has on the target side, without control tokens."""
        ...


class SentencePieceTokeniser:
    """The tokeniser of a Marian, NLLB, M2M-100 or mBART folder that has its sentence-piece model."""

    def __init__(self, folder: Path, family: str, src_lang: str, tgt_lang: str) -> None:
        self._src = _sentencepiece(
            folder / ("source.spm" if family == "marian" else "sentencepiece.bpe.model")
        )
        self._tgt_path = folder / "target.spm" if family == "marian" else None
        known = _vocabulary(folder / "vocab.json") if family in ("marian", "m2m_100") else None
        self._known = None if known is None else frozenset(known)
        pieces = [self._src.id_to_piece(i) for i in range(self._src.get_piece_size())]
        unknown = self._src.unk_id()
        self._tokens = [
            UNK if i == unknown or _is_control(piece) or (known is not None and piece not in known) else piece
            for i, piece in enumerate(pieces)
        ]
        if family == "marian":
            tag = f">>{language_tag(family, tgt_lang)}<<"
            self._before: list[str] = [tag] if known is not None and tag in known else []
            self.tgt_prefix: tuple[str, ...] = ()
        else:
            self._before = [language_tag(family, src_lang)]
            self.tgt_prefix = (language_tag(family, tgt_lang),)

    @cached_property
    def _tgt(self) -> Any:
        return self._src if self._tgt_path is None else _sentencepiece(self._tgt_path)

    def encode(self, sentences: Sequence[str]) -> list[list[str]]:
        """Return the tokens of each sentence, language token and end-of-sentence included."""
        tokens, before = self._tokens, self._before
        ids = self._src.encode(list(sentences), out_type=int, num_threads=1)
        return [[*before, *[tokens[i] for i in row], EOS] for row in ids]

    def decode(self, tokens: Sequence[str]) -> str:
        """Return the text of target tokens; control tokens and the prefix are left out."""
        kept = [token for token in tokens if token not in _SPECIAL and token not in self.tgt_prefix]
        text: str = self._tgt.decode_pieces(kept)
        return " ".join(text.replace(_SPACE, " ").split())

    def encode_target(self, text: str) -> list[str]:
        """Return the tokens that a text has on the target side, without control tokens."""
        pieces: list[str] = self._tgt.encode(text, out_type=str)
        known = self._known
        return [
            UNK if _is_control(piece) or (known is not None and piece not in known) else piece
            for piece in pieces
        ]


class JsonTokeniser:
    """The tokeniser of an NLLB or mBART folder that has tokenizer.json alone (saved by Transformers 5)."""

    def __init__(self, folder: Path, family: str, src_lang: str, tgt_lang: str) -> None:
        from tokenizers import Tokenizer

        try:
            # The added tokens are taken away, so that "</s>" in an article is text.
            description = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
            description["added_tokens"] = []
            description["post_processor"] = None
            description["padding"] = description["truncation"] = None
            self._tokenizer = Tokenizer.from_str(json.dumps(description))
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"model {folder}: tokenizer.json cannot be read ({error})") from error
        except Exception as error:  # the Rust library raises bare Exception
            raise ModelError(f"model {folder}: tokenizer.json is not understood ({error})") from error
        size = self._tokenizer.get_vocab_size()
        pieces = [self._tokenizer.id_to_token(i) or UNK for i in range(size)]
        self._tokens = [UNK if _is_control(piece) else piece for piece in pieces]
        self._before = [language_tag(family, src_lang)]
        self.tgt_prefix: tuple[str, ...] = (language_tag(family, tgt_lang),)

    def encode(self, sentences: Sequence[str]) -> list[list[str]]:
        """Return the tokens of each sentence, language token and end-of-sentence included."""
        rows = self._tokenizer.encode_batch(list(sentences), add_special_tokens=False)
        return [[*self._before, *[self._tokens[i] for i in row.ids], EOS] for row in rows]

    def decode(self, tokens: Sequence[str]) -> str:
        """Return the text of target tokens; control tokens and the prefix are left out."""
        kept = (token for token in tokens if token not in _SPECIAL and token not in self.tgt_prefix)
        return " ".join("".join(kept).replace(_SPACE, " ").split())

    def encode_target(self, text: str) -> list[str]:
        """Return the tokens that a text has on the target side, without control tokens."""
        return [self._tokens[i] for i in self._tokenizer.encode(text, add_special_tokens=False).ids]


def load_tokeniser(folder: Path, layout: Layout, *, src_lang: str = "ar", tgt_lang: str = "en") -> Tokeniser:
    """Return the tokeniser of a model folder, or of a converted folder with the same tokeniser files.

    Raises:
        ModelError: its files are missing or damaged, or the language is unknown to the model.
    """
    if "tokenizer.json" in layout.files:
        return JsonTokeniser(folder, layout.family, src_lang, tgt_lang)
    return SentencePieceTokeniser(folder, layout.family, src_lang, tgt_lang)


def tokeniser_files(layout: Layout) -> list[str]:
    """Return the names of the files that `load_tokeniser` reads."""
    return [
        name
        for name in layout.files
        if name.endswith((".spm", ".bpe.model")) or name in ("vocab.json", "tokenizer.json")
    ]


def _is_control(piece: str) -> bool:
    return (
        piece in _SPECIAL
        or (piece.startswith(">>") and piece.endswith("<<"))
        or (piece.startswith("__") and piece.endswith("__") and len(piece) > 4)
    )


def _sentencepiece(path: Path) -> Any:
    import sentencepiece

    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as error:
        raise ModelError(f"model {path.parent}: {path.name} cannot be read ({error})") from error


def _vocabulary(path: Path) -> Iterable[str] | dict[str, int]:
    try:
        vocabulary = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"model {path.parent}: {path.name} cannot be read ({error})") from error
    if not isinstance(vocabulary, dict):
        raise ModelError(f"model {path.parent}: {path.name} is not a table of tokens")
    return vocabulary
