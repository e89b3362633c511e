"""What a model folder holds: its architecture, its tokeniser's files, its limits, read from config.json.

Four architectures of translation models are known. Their sentence-piece models give the tokens; which
language tokens stand before the source and before the target is a matter of the architecture (Tiedemann &
Thottingal 2020 for Marian; Fan et al. 2021 for M2M-100; NLLB Team 2022; Tang et al. 2020 for mBART-50).
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.errors import ModelError

_WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
# M2M-100 and NLLB share a configuration class; the tokeniser tells them apart.
_TAGS = {
    "marian": {"ar": "ara", "en": "eng"},
    "nllb": {"ar": "arb_Arab", "en": "eng_Latn"},
    "m2m_100": {"ar": "__ar__", "en": "__en__"},
    "mbart": {"ar": "ar_AR", "en": "en_XX"},
}


@dataclass(frozen=True, slots=True)
class Layout:
    """What a folder's files say.

    Attributes:
        family: "marian", "nllb", "m2m_100" or "mbart".
        max_positions: most tokens a side may have, end-of-sentence included.
        weights: name of the weight file, or of the index of its parts.
        files: every file that decides what the model translates, the weights among them.
    """

    family: str
    max_positions: int
    weights: str
    files: tuple[str, ...]

    @property
    def has_pickled_weights(self) -> bool:
        """Whether the weights are a pickle, which can run code when it is loaded carelessly."""
        return self.weights.startswith("pytorch_model")


def read_layout(folder: Path) -> Layout:
    """Read config.json and list the files that make up the model.

    Raises:
        ModelError: a file is missing or damaged, or the architecture is not one of a known translation model.
    """
    config = _read_json(folder / "config.json")
    model_type = str(config.get("model_type", ""))
    tokenizer_class = str(
        _read_json(folder / "tokenizer_config.json").get("tokenizer_class", "")
        if (folder / "tokenizer_config.json").is_file()
        else config.get("tokenizer_class", "")
    )
    family = "nllb" if model_type == "m2m_100" and "nllb" in tokenizer_class.lower() else model_type
    if family not in _TAGS:
        known = ", ".join(_TAGS)
        raise ModelError(f"model {folder}: architecture {model_type or 'unknown'!r} is not one of {known}")
    if family == "mbart" and "50" not in tokenizer_class:
        raise ModelError(
            f"model {folder}: mBART models other than mBART-50 do not translate between languages"
        )
    weights = next((name for name in _WEIGHTS if (folder / name).is_file()), None)
    if weights is None:
        raise ModelError(f"model {folder}: no weights; expected {_WEIGHTS[0]} (or pytorch_model.bin)")
    names = ["config.json", weights, *_tokeniser_files(folder, family)]
    if weights.endswith(".index.json"):
        names += sorted(set(_read_json(folder / weights).get("weight_map", {}).values()))
    names += [
        name for name in ("generation_config.json", "tokenizer_config.json") if (folder / name).is_file()
    ]
    for name in names:
        if not (folder / name).is_file():
            raise ModelError(f"model {folder}: {name} is missing")
    return Layout(family, int(config.get("max_position_embeddings", 512)), weights, tuple(names))


def language_tag(family: str, lang: str) -> str:
    """Return the token with which a family of models names a language.

    Raises:
        ModelError: the language is none that dragoman translates.
    """
    try:
        return _TAGS[family][lang]
    except KeyError:
        raise ModelError(f"language {lang!r} is not known for {family} models; expected ar or en") from None


def _tokeniser_files(folder: Path, family: str) -> list[str]:
    if family == "marian":
        separate = ["target_vocab.json"] if (folder / "target_vocab.json").is_file() else []
        return ["source.spm", "target.spm", "vocab.json", *separate]
    if family == "m2m_100":
        return ["sentencepiece.bpe.model", "vocab.json"]
    # Since version 5 Transformers saves the tokenisers of NLLB and mBART as tokenizer.json alone.
    return ["sentencepiece.bpe.model" if (folder / "sentencepiece.bpe.model").is_file() else "tokenizer.json"]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"model {path.parent}: {path.name} is missing") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"model {path.parent}: {path.name} cannot be read ({error})") from error
    if not isinstance(value, dict):
        raise ModelError(f"model {path.parent}: {path.name} is not a table")
    return value
