"""SentencePiece models with the normalisation inside, and the one vocabulary over both.

The target's pieces come first in the vocabulary, so that training can cut the softmax to them and export
can mask the others. Subword sampling (Kudo 2018, "Subword Regularization") gives several cuts of one
sentence: in a small corpus that is worth as much as new text.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece as spm

from dragoman.models.training.normalize import write_rules
from dragoman.models.training.packed import Meta

EOS, UNK, PAD = "</s>", "<unk>", "<pad>"
# Kudo's smoothing of the sampled segmentations; his best values for small corpora lie between 0.1 and 0.2.
SAMPLING_ALPHA = 0.2


@dataclass(frozen=True, slots=True)
class Pieces:
    """One language's SentencePiece model and where its pieces stand in the common vocabulary.

    Attributes:
        model: the loaded SentencePiece model.
        to_vocabulary: (n_pieces,) int64, SentencePiece id to vocabulary id.
    """

    model: spm.SentencePieceProcessor
    to_vocabulary: np.ndarray

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return each text's best segmentation as vocabulary ids."""
        return [self.to_vocabulary[ids].tolist() for ids in self.model.encode(list(texts))]

    def sample(self, texts: Sequence[str]) -> list[list[int]]:
        """Return a sampled segmentation of each text; the generator is seeded by `seed_sampling`."""
        sampled = self.model.encode(list(texts), enable_sampling=True, alpha=SAMPLING_ALPHA, nbest_size=-1)
        return [self.to_vocabulary[ids].tolist() for ids in sampled]


def seed_sampling(seed: int) -> None:
    """Seed SentencePiece's generator: it has one for the whole process, no instance can hold its own."""
    spm.set_random_generator_seed(seed)


def train_pieces(texts: Iterable[str], size: int, out: Path, normalized: bool) -> None:
    """Train a unigram model on `texts` and write it to `out`.

    Args:
        texts: one sentence each; consumed.
        size: number of pieces, a soft limit.
        out: the `.spm` file.
        normalized: put the Arabic normalisation inside; otherwise SentencePiece's own NMT form of NFKC.
    """
    with tempfile.TemporaryDirectory() as folder:
        text, prefix, rules = Path(folder, "text"), Path(folder, "model"), Path(folder, "rules.tsv")
        with text.open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(f"{line}\n" for line in texts)
        if normalized:
            write_rules(rules)
        rule: dict[str, Any] = (
            {"normalization_rule_tsv": str(rules)} if normalized else {"normalization_rule_name": "nmt_nfkc"}
        )
        spm.SentencePieceTrainer.train(
            input=str(text), model_prefix=str(prefix), model_type="unigram",
            vocab_size=size, hard_vocab_limit=False, character_coverage=0.9998,
            input_sentence_size=400_000, shuffle_input_sentence=True, num_threads=2,
            bos_id=-1, pad_id=-1, eos_id=0, unk_id=1, minloglevel=2, **rule,
        )  # fmt: skip
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(prefix.with_suffix(".model"), out)


def build_vocabulary(folder: Path) -> None:
    """Write `vocab.json` for the two `.spm` files in `folder`: target pieces first, `<pad>` last."""
    vocabulary = {EOS: 0, UNK: 1}
    for name in ("target.spm", "source.spm"):
        model = _load(folder / name)
        for number in range(model.get_piece_size()):
            vocabulary.setdefault(model.id_to_piece(number), len(vocabulary))
    vocabulary[PAD] = len(vocabulary)
    content = json.dumps(vocabulary, ensure_ascii=False, indent=0)
    (folder / "vocab.json").write_text(content + "\n", encoding="utf-8")


def load_pieces(folder: Path, src: str, tgt: str) -> tuple[Pieces, Pieces, Meta]:
    """Load the two models and the vocabulary that `build_vocabulary` (or an earlier model) wrote."""
    vocabulary: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    models = [_load(folder / name) for name in ("source.spm", "target.spm")]
    source, target = (
        Pieces(
            model,
            np.array([vocabulary[model.id_to_piece(i)] for i in range(model.get_piece_size())], np.int64),
        )
        for model in models
    )
    return source, target, Meta(len(vocabulary), int(target.to_vocabulary.max()) + 1, src, tgt)


def _load(path: Path) -> spm.SentencePieceProcessor:
    return spm.SentencePieceProcessor(model_file=str(path))
