"""Learn the bundled Arabic-English lexicon from parallel text.

    python bench/align_lexicon.py PARALLEL OUT.tsv.gz

PARALLEL holds `NAME.tsv.xz` files, an `Arabic<TAB>English` pair a line. The alignment benchmarks' own sources
(the authored articles, the verses) are left out, so that figures on them are not flattered.
"""

import argparse
import gzip
import lzma
import random
from pathlib import Path

import numpy as np

from dragoman.corpora.align_features import Vocabulary, counts, words
from dragoman.corpora.align_lexicon import LexiconLearner, stem

# Pairs to take of each source: prose and speech rather than one subject's terms.
SOURCES = {
    "tatoeba": 37_000, "tico19": 4_000, "opensource_guide": 2_000, "xquad": 2_200, "mt_geneval": 10_000,
    "react_docs": 4_000, "monero_site": 2_000, "bitcoin_org": 2_000, "ml_cheatsheets": 400, "sdg": 2_000,
    "sahana_eden": 3_000, "mmlu_ar_mt": 15_000, "godot_editor": 5_000, "msdocs_finops": 10_000,
}  # fmt: skip
LONGEST = 400  # characters; longer pairs pair anything with anything


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parallel", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    pairs: list[list[str]] = []
    for name, most in SOURCES.items():
        with lzma.open(args.parallel / f"{name}.tsv.xz", "rt", encoding="utf-8") as stream:
            text = stream.read()
        lines = [line.split("\t")[:2] for line in text.split("\n") if "\t" in line]
        lines = [line for line in lines if len(line[0]) < LONGEST]
        random.Random(args.seed).shuffle(lines)
        pairs += lines[:most]
    src_words, tgt_words = Vocabulary(), Vocabulary()
    src = src_words.rows([stem(word) for word in words(pair[0])] for pair in pairs)
    tgt = tgt_words.rows(words(pair[1]) for pair in pairs)
    at = np.arange(len(pairs))
    learner = LexiconLearner()
    learner.add(
        np.stack([at, at + 1, at, at + 1], axis=1),
        counts(src, len(src_words)),
        list(src_words.numbers),
        counts(tgt, len(tgt_words)),
        list(tgt_words.numbers),
    )
    lexicon = learner.lexicon(least_count=3, least_dice=0.08, best=4)
    lines = [
        "\t".join([name, *(f"{word}:{weight:.2f}" for word, weight in lexicon[name])])
        for name in sorted(lexicon)
    ]
    args.out.write_bytes(gzip.compress("\n".join(lines).encode("utf-8"), mtime=0))
    print(f"{len(pairs)} pairs, {len(lexicon)} stems, {args.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
