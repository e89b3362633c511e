"""Token ids of a whole corpus in a few flat arrays: small enough to carry to another machine, quick to load.

One `.npz` holds source and target ids end to end (uint16: vocabularies stay below 65,536), the lengths,
and the set each pair comes from. `meta.json` beside it holds the vocabulary's size and the number of
target pieces.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Meta:
    """What a model must know of its vocabulary.

    Attributes:
        n_vocab: all pieces of both languages, `</s>`, `<unk>` and `<pad>`.
        n_tgt: pieces that the target can contain; they come first, so that the softmax can stop there.
        src: source language.
        tgt: target language.
    """

    n_vocab: int
    n_tgt: int
    src: str
    tgt: str

    @property
    def pad(self) -> int:
        """The id of `<pad>`, the last one."""
        return self.n_vocab - 1

    @property
    def eos(self) -> int:
        """The id of `</s>`, the first one."""
        return 0


@dataclass(frozen=True, slots=True)
class PackedPairs:
    """Token ids without `</s>`.

    Attributes:
        src: (sum of src_len,) int64, all source ids end to end.
        tgt: (sum of tgt_len,) int64.
        src_len: (n,) int64, pieces.
        tgt_len: (n,) int64, pieces.
        source: (n,) int64, index into `names`.
        names: the sets' names.
    """

    src: Ids
    tgt: Ids
    src_len: Ids
    tgt_len: Ids
    source: Ids
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.src_len)

    @classmethod
    def from_lists(
        cls, src: Sequence[Sequence[int]], tgt: Sequence[Sequence[int]], source: Sequence[str]
    ) -> "PackedPairs":
        """Pack lists of ids; the three sequences are parallel."""
        names = tuple(sorted(set(source)))
        return cls(
            _flat(src),
            _flat(tgt),
            np.array([len(ids) for ids in src], np.int64),
            np.array([len(ids) for ids in tgt], np.int64),
            np.array([names.index(name) for name in source], np.int64),
            names,
        )

    def save(self, path: Path) -> None:
        """Write one compressed file, whole or not at all."""
        temporary = path.with_name(path.name + ".tmp.npz")
        small: dict[str, Any] = {
            "src": self.src.astype(np.uint16),
            "tgt": self.tgt.astype(np.uint16),
            "src_len": self.src_len.astype(np.uint16),
            "tgt_len": self.tgt_len.astype(np.uint16),
            "source": self.source.astype(np.uint8),
            "names": np.array(self.names),
        }
        np.savez_compressed(temporary, **small)
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> "PackedPairs":
        """Read what `save` wrote."""
        with np.load(path) as stored:
            ids = [stored[key].astype(np.int64) for key in ("src", "tgt", "src_len", "tgt_len", "source")]
            names = tuple(str(name) for name in stored["names"])
            return cls(ids[0], ids[1], ids[2], ids[3], ids[4], names)


def save_meta(meta: Meta, folder: Path) -> None:
    """Write `meta.json`."""
    content = {"n_vocab": meta.n_vocab, "n_tgt": meta.n_tgt, "src": meta.src, "tgt": meta.tgt}
    (folder / "meta.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def load_meta(folder: Path) -> Meta:
    """Read `meta.json`."""
    return Meta(**json.loads((folder / "meta.json").read_text(encoding="utf-8")))


def _flat(lists: Sequence[Sequence[int]]) -> Ids:
    return np.concatenate([np.asarray(ids, np.int64) for ids in lists]) if lists else np.zeros(0, np.int64)
