"""One TOML file describes one model: data, weights, shape, training. Read and checked here, once.

Unknown keys are refused rather than ignored, so that a misspelt setting cannot pass for a default.
"""

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from dragoman.errors import FormatError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """One set of Arabic-English pairs.

    Attributes:
        name: how reports and the card call it.
        path: a file or a glob below the data folder; `.tsv` or `.tsv.xz`, Arabic and English separated by a
            tab.
        weight: expected passes over it per epoch; 0.1 draws a tenth of the pairs anew in every epoch.
        licence: as the source states it, for the card.
        names: a list of names, all in lower case: read in title case, and drawn from by `variation.py`.
        varied: copies of each pair with other names and figures in it, drawn anew by `variation.py`.
    """

    name: str
    path: str
    weight: float = 1.0
    licence: str = ""
    names: bool = False
    varied: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """The Marian transformer's dimensions: deep encoder, shallow decoder."""

    d_model: int = 256
    ffn: int = 1024
    heads: int = 4
    encoder_layers: int = 4
    decoder_layers: int = 2
    max_positions: int = 256


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Sizes of the SentencePiece models; `reuse` names a model folder whose pieces are kept."""

    src_size: int = 8000
    tgt_size: int = 8000
    reuse: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """Limits of the pair filters, see `filters.py`."""

    max_words: int = 120
    max_pieces: int = 160
    min_ratio: float = 0.4
    max_ratio: float = 3.5
    min_script_share: float = 0.3
    overlap_ngram: int = 6
    overlap_share: float = 0.1


@dataclass(frozen=True, slots=True)
class Training:
    """Optimiser, schedule and stopping rule.

    The learning rate warms up over `warmup` steps, stays at `lr`, and falls linearly to nothing over the
    last `decay_share` of the run. A run's length is `steps`; with `minutes` above 0 the clock paces it as
    well (whichever is ahead), for machines whose speed is not known beforehand. Such a run is not
    repeatable to the bit.
    """

    batch_tokens: int = 3000
    lr: float = 8e-4
    warmup: int = 200
    steps: int = 20000
    minutes: float = 0.0
    decay_share: float = 0.4
    dropout: float = 0.1
    label_smoothing: float = 0.1
    weight_decay: float = 0.01
    clip: float = 1.0
    ema: float = 0.998
    eval_every: int = 200
    save_every: int = 200
    patience: int = 20
    precision: str = "auto"
    compile: bool = False
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Config:
    """Everything about one model."""

    name: str
    src: str
    tgt: str
    seed: int = 1
    sources: tuple[Source, ...] = ()
    dev: str = ""
    shape: Shape = field(default_factory=Shape)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    filters: Filters = field(default_factory=Filters)
    training: Training = field(default_factory=Training)
    card: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what the types do not say.

        Raises:
            FormatError: a direction that is not Arabic and English, repeated sources, an impossible number.
        """
        if {self.src, self.tgt} != {"ar", "en"}:
            raise FormatError(
                f"{self.name}: src and tgt must be ar and en, got {self.src!r} and {self.tgt!r}"
            )
        names = [source.name for source in self.sources]
        if len(set(names)) != len(names):
            raise FormatError(f"{self.name}: a source is listed twice: {sorted(names)}")
        if self.shape.d_model % self.shape.heads:
            raise FormatError(f"{self.name}: d_model {self.shape.d_model} is not a multiple of heads")
        if self.training.precision not in {"auto", "fp32", "bf16"}:
            raise FormatError(f"{self.name}: precision must be auto, fp32 or bf16")

    @property
    def weights(self) -> dict[str, float]:
        """Passes per epoch by source name."""
        return {source.name: source.weight for source in self.sources}


def read_config(path: Path) -> Config:
    """Read and check a model's TOML file.

    Raises:
        FormatError: not TOML, an unknown or missing key, a value that cannot be.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: {error}") from error
    sources = tuple(_build(Source, item, path) for item in raw.pop("sources", []))
    tables = {"shape": Shape, "vocabulary": Vocabulary, "filters": Filters, "training": Training}
    parts: dict[str, Any] = {key: _build(kind, raw.pop(key, {}), path) for key, kind in tables.items()}
    return _build(Config, {**raw, **parts, "sources": sources}, path)


def _build(kind: type[T], values: dict[str, Any], path: Path) -> T:
    known = {item.name for item in fields(kind)}  # type: ignore[arg-type]  # every kind here is a dataclass
    unknown = sorted(set(values) - known)
    if unknown:
        raise FormatError(
            f"{path}: unknown keys {unknown} in {kind.__name__}; expected some of {sorted(known)}"
        )
    try:
        return kind(**values)
    except TypeError as error:
        raise FormatError(f"{path}: {kind.__name__}: {error}") from error
