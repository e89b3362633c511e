"""Synthetic pairs from a model of ours: back-translation, and distillation from a larger model.

    python -m dragoman.models.training.translate_corpus MODEL TEXT OUT.tsv [--sample 10]

TEXT has one sentence a line in the model's source language. OUT.tsv gets Arabic TAB English, as prepare
reads it: list it as a source, with a weight. Back-translation (Sennrich et al. 2016) is better sampled
than searched for (Edunov et al. 2018, "Understanding Back-Translation at Scale"); distillation (Kim and
Rush 2016) wants the beam's best.
"""

import argparse
import json
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

from dragoman.models.training.decode import Decoder, Decoding
from dragoman.models.training.sources import read_lines

log = logging.getLogger(__name__)


def synthetic_pairs(
    sources: Iterable[str], translations: Iterable[str], src: str
) -> Iterator[tuple[str, str]]:
    """Yield (Arabic, English) of the translations that are neither empty, nor copies, nor loops."""
    for source, translation in zip(sources, translations, strict=True):
        if not translation or translation == source or is_loop(translation):
            continue
        yield (source, translation) if src == "ar" else (translation, source)


def is_loop(text: str, most: int = 3) -> bool:
    """Return whether some run of one to four words stands more than `most` times in a row.

    >>> is_loop("the end of the end of the end of the end of the")
    True
    >>> is_loop("the end of the day")
    False
    """
    words = text.split()
    for width in range(1, 5):
        repeats = 1
        for start in range(width, len(words) - width + 1, 1):
            same = words[start : start + width] == words[start - width : start]
            repeats = repeats + 1 if same else 1
            # Each further word of a loop is a match at this width: `most` whole repeats are that many.
            if repeats > (most - 1) * width + 1:
                return True
    return False


def main() -> None:
    """Parse the command line and translate."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("text", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--beam", type=int, default=4)
    parser.add_argument(
        "--sample", type=int, default=1, help="draw from this many best pieces instead of searching"
    )
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    tokenizer = json.loads((args.model / "tokenizer_config.json").read_text(encoding="utf-8"))
    beam = 1 if args.sample > 1 else args.beam
    decoder = Decoder(args.model, Decoding(beam=beam, sample_top=args.sample))
    sources = [line for line in read_lines(args.text) if line.strip()]
    n_kept = 0
    with args.out.open("w", encoding="utf-8", newline="\n") as stream:
        for ar, en in synthetic_pairs(sources, decoder.translate_all(sources), tokenizer["source_lang"]):
            stream.write(f"{ar}\t{en}\n")
            n_kept += 1
    log.info("%d of %d kept", n_kept, len(sources))


if __name__ == "__main__":
    main()
