"""Step 1: read the sources, filter them, cut them into pieces, pack the ids.

    python -m dragoman.models.training.prepare CONFIG --data FOLDER ... --keep-away FILE ... --out OUT

OUT then holds source.spm, target.spm, vocab.json, meta.json, train-0.npz ... (one sampled segmentation of
the whole corpus each), dev.npz and report.json (what was read, kept and refused).
"""

import argparse
import json
import logging
import random
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from dragoman.models.training.config import Config, Source, read_config
from dragoman.models.training.filters import (
    DuplicateFilter,
    Filter,
    LengthFilter,
    OverlapFilter,
    Pair,
    ScriptFilter,
    apply_filters,
)
from dragoman.models.training.packed import PackedPairs, save_meta
from dragoman.models.training.sources import read_lines, read_pairs
from dragoman.models.training.variation import Variation
from dragoman.models.training.vocabulary import (
    Pieces,
    build_vocabulary,
    load_pieces,
    seed_sampling,
    train_pieces,
)

log = logging.getLogger(__name__)
# Share of the pairs whose source side is cut by sampling in all variants but the first. More slows short
# trainings down, and the best segmentation is the one that users will feed the model.
SAMPLED_SHARE = 0.3
TOKENIZER_FILES = ("source.spm", "target.spm", "vocab.json")


def prepare(
    config: Config, roots: Sequence[Path], keep_away: Sequence[Path], out: Path, variants: int
) -> None:
    """Write everything that training needs to `out`.

    Args:
        config: the model's configuration.
        roots: folders below which the sources' paths are looked for.
        keep_away: test sets, one sentence a line, either language; near-copies of their lines are left out.
        out: the folder to fill.
        variants: segmentations to store; the first is the best one, the others are partly sampled.
    """
    out.mkdir(parents=True, exist_ok=True)
    dev = list(read_pairs(Source("dev", config.dev), tuple(roots)))
    away = chain(
        chain.from_iterable(map(read_lines, keep_away)), (text for pair in dev for text in (pair.ar, pair.en))
    )
    n_read: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    pairs = list(apply_filters(_read(config, roots, n_read), _filters(config, away), refused))
    pairs += _varied(config, pairs)
    if config.vocabulary.reuse:
        for name in TOKENIZER_FILES:
            shutil.copyfile(Path(config.vocabulary.reuse, name), out / name)
    else:
        _train_vocabulary(config, pairs, out)
    source, target, meta = load_pieces(out, config.src, config.tgt)
    save_meta(meta, out)
    limit = config.filters.max_pieces
    src, tgt = (
        source.encode([_side(pair, config.src) for pair in pairs]),
        target.encode([_side(pair, config.tgt) for pair in pairs]),
    )
    fits = [0 < len(a) <= limit and 0 < len(b) <= limit for a, b in zip(src, tgt, strict=True)]
    refused.update(f"{pair.source} pieces" for pair, fit in zip(pairs, fits, strict=True) if not fit)
    pairs = [pair for pair, fit in zip(pairs, fits, strict=True) if fit]
    for number in range(variants):
        _pack(pairs, source, target, config, number).save(out / f"train-{number}.npz")
    _pack(dev, source, target, config, 0).save(out / "dev.npz")
    _report(pairs, n_read, refused, out)


def _read(config: Config, roots: Sequence[Path], n_read: Counter[str]) -> Iterator[Pair]:
    for source in config.sources:
        for pair in read_pairs(source, tuple(roots)):
            n_read[source.name] += 1
            yield pair


def _varied(config: Config, pairs: Sequence[Pair]) -> list[Pair]:
    lists = {source.name for source in config.sources if source.names}
    variation = Variation((pair for pair in pairs if pair.source in lists), config.seed)
    return [
        new
        for source in config.sources
        if source.varied
        for new in variation.vary((pair for pair in pairs if pair.source == source.name), source.varied)
    ]


def _filters(config: Config, away: Iterator[str]) -> dict[str, Filter]:
    limits = config.filters
    return {
        "length": LengthFilter(limits.max_words, limits.min_ratio, limits.max_ratio),
        "script": ScriptFilter(limits.min_script_share),
        "duplicate": DuplicateFilter(),
        "overlap": OverlapFilter(away, limits.overlap_ngram, limits.overlap_share),
    }


def _side(pair: Pair, language: str) -> str:
    return pair.ar if language == "ar" else pair.en


def _train_vocabulary(config: Config, pairs: Sequence[Pair], out: Path) -> None:
    # Sets of small weight are thinned, so that the bulk of technical text does not decide the pieces.
    rng = random.Random(config.seed)
    drawn = [pair for pair in pairs if rng.random() < min(1.0, config.weights[pair.source])]
    rng.shuffle(drawn)
    sizes = {"source.spm": config.vocabulary.src_size, "target.spm": config.vocabulary.tgt_size}
    for name, language in (("source.spm", config.src), ("target.spm", config.tgt)):
        # The fold of alefs and yehs is for reading Arabic; Arabic to be written keeps its spelling.
        normalized = language == "ar" and name == "source.spm"
        train_pieces((_side(pair, language) for pair in drawn), sizes[name], out / name, normalized)
    build_vocabulary(out)


def _pack(pairs: Sequence[Pair], source: Pieces, target: Pieces, config: Config, variant: int) -> PackedPairs:
    src, tgt = [_side(pair, config.src) for pair in pairs], [_side(pair, config.tgt) for pair in pairs]
    cut = source.encode(src)
    if variant:
        seed_sampling(config.seed * 1000 + variant)
        rng = random.Random(config.seed * 1000 + variant)
        drawn = [number for number in range(len(src)) if rng.random() < SAMPLED_SHARE]
        for number, ids in zip(drawn, source.sample([src[i] for i in drawn]), strict=True):
            cut[number] = ids
    # The target keeps its best segmentation: the model has to learn to write that one.
    return PackedPairs.from_lists(cut, target.encode(tgt), [pair.source for pair in pairs])


def _report(pairs: Sequence[Pair], n_read: Counter[str], refused: Counter[str], out: Path) -> None:
    kept = Counter(pair.source for pair in pairs)
    rows = {
        name: {
            "read": count,
            "kept": kept[name],
            **{
                key.partition(" ")[2]: n
                for key, n in sorted(refused.items())
                if key.partition(" ")[0] == name
            },
        }
        for name, count in n_read.items()
    }
    (out / "report.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    for name, row in rows.items():
        log.info("%s %s", name, row)


def main() -> None:
    """Parse the command line and run `prepare`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("config", type=Path)
    parser.add_argument(
        "--data", type=Path, action="append", required=True, help="folder with the sources; repeatable"
    )
    parser.add_argument(
        "--keep-away", type=Path, action="append", default=[], help="test set, one sentence a line"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--variants", type=int, default=4, help="segmentations to store (default 4)")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    prepare(read_config(args.config), args.data, args.keep_away, args.out, args.variants)


if __name__ == "__main__":
    main()
