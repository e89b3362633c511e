"""Build Arabic-English alignment sets from parallel text, its sentences merged, split, dropped, moved.

    python bench/align_build.py PARALLEL OUT [--model CTRANSLATE2_FOLDER] [--seed 1]

PARALLEL holds `authored/` (articles of `Arabic<TAB>English` lines), `quran.tsv.xz` and other `.tsv.xz` files.
Written to OUT, in the layout of the alignment benchmarks (`.src`, `.tgt` one sentence a line, `.gold` beads
`i,j:k,l`, `.s2t.NAME`):

- `authored-N`: eight articles each, all operations but reordering; their runs of dropped sentences are the
  missing paragraphs of real document pairs.
- `freer-N`: other articles, where moreover some clauses moved over the boundary of two sentences: 2-2 beads.
- `moved-N`: as the first, with two blocks of sentences swapped on the target side.
- `verses-N`: verses split at pause marks against an English translation split at its full stops: low
  similarity, 1-n and n-m beads, as in literature.

- `technical-N`: stretches of technical text, their operations those of `authored` or `freer`.

The same seed gives the same files. With --model each source sentence is translated by a CTranslate2 model
in a folder with its SentencePiece files.
"""

import argparse
import lzma
import random
import re
from collections.abc import Sequence
from pathlib import Path

Pair = tuple[list[str], list[str]]  # sentences of a bead on both sides

# Sources that the bundled lexicon was not learned from.
TECHNICAL = ("msdocs_projops", "msdocs_custinsights", "tldr", "msdocs_alchemy_mt", "ms_beginners_mt")
_ARABIC_BREAK = re.compile("(?<=[\u060c\u061b:])\\s+(?=\\S+\\s+\\S+)")
_ENGLISH_BREAK = re.compile(r"(?<=[,;:])\s+(?=\S+\s+\S+)")
_PAUSE = re.compile("(?<=[\u06d6-\u06db])\\s+")
_FULL_STOP = re.compile(r"(?<=[.?!])[\"\u201d']*\s+(?=[\"\u201c'\[A-Z])")


def articles(folder: Path) -> list[list[tuple[str, str]]]:
    """Read the articles of all files of a folder, files in order of name."""
    found = []
    for path in sorted(folder.glob("*.tsv")):
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            lines = [
                line.split("\t") for line in block.split("\n") if "\t" in line and not line.startswith("#")
            ]
            if lines:
                found.append([(line[0], line[1]) for line in lines])
    return found


def lines_of(path: Path) -> list[tuple[str, str]]:
    """Read the pairs of a parallel file, in order."""
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        lines = [line.split("\t") for line in stream.read().split("\n") if "\t" in line]
    return [(line[0], line[1]) for line in lines]


def _cut(text: str, pattern: re.Pattern[str], draw: random.Random, parts: int = 2) -> list[str]:
    places = [found.end() for found in pattern.finditer(text)]
    chosen = sorted(draw.sample(places, min(parts - 1, len(places))))
    return [text[a:b].strip() for a, b in zip([0, *chosen], [*chosen, len(text)], strict=True)]


def disturb(
    pairs: Sequence[tuple[str, str]], strangers: Sequence[tuple[str, str]], draw: random.Random
) -> list[Pair]:
    """Merge, split, drop and insert sentences; `strangers` are the sentences that may be inserted."""
    beads: list[Pair] = []
    at = 0
    missing_run = draw.randrange(len(pairs))
    while at < len(pairs):
        if at >= missing_run >= 0:
            run, side = draw.randint(3, 7), draw.randrange(2)
            for pair in pairs[at : at + run]:
                beads.append(([pair[0]], []) if side else ([], [pair[1]]))
            at, missing_run = at + run, -1
            continue
        chance = draw.random()
        size = draw.choice([2, 2, 2, 3]) if chance < 0.22 else 1
        taken = pairs[at : at + size]
        at += len(taken)
        src, tgt = [pair[0] for pair in taken], [pair[1] for pair in taken]
        if chance < 0.08:
            src = [" ".join(src)]
        elif chance < 0.18:
            tgt = [" ".join(tgt)]
        elif chance < 0.22:  # both sides as one bead: merged and split elsewhere
            src, tgt = [" ".join(src)], _cut(" ".join(tgt), _ENGLISH_BREAK, draw, 2)
        elif chance < 0.27:
            src = _cut(src[0], _ARABIC_BREAK, draw)
        elif chance < 0.37:
            tgt = _cut(tgt[0], _ENGLISH_BREAK, draw, draw.choice([2, 2, 3]))
        elif chance < 0.40:
            tgt = []
        elif chance < 0.43:
            src = []
        beads.append((src, tgt))
        if draw.random() < 0.03:
            stranger = draw.choice(strangers)
            beads.append(([stranger[0]], []) if draw.random() < 0.5 else ([], [stranger[1]]))
    return beads


def freer(beads: Sequence[Pair], draw: random.Random) -> list[Pair]:
    """Move a clause over the boundary of some neighbouring 1-1 beads in the translation: a 2-2 bead each."""
    done: list[Pair] = []
    at = 0
    while at < len(beads):
        here = beads[at : at + 2]
        if len(here) == 2 and all(len(src) == len(tgt) == 1 for src, tgt in here) and draw.random() < 0.12:
            first, second = here[0][1][0], here[1][1][0]
            head, tail = _cut(first, _ENGLISH_BREAK, draw), _cut(second, _ENGLISH_BREAK, draw)
            moved = None
            if len(head) == 2 and draw.random() < 0.5:
                moved = [head[0], f"{head[1]} {second}"]
            elif len(tail) == 2:
                moved = [f"{first} {tail[0]}", tail[1]]
            if moved:
                done.append(([here[0][0][0], here[1][0][0]], moved))
                at += 2
                continue
        done.append(beads[at])
        at += 1
    return done


def verses(pairs: Sequence[tuple[str, str]], draw: random.Random) -> list[Pair]:
    """Cut verses at pause marks and their translation at full stops; join some neighbours."""
    beads: list[Pair] = []
    at = 0
    while at < len(pairs):
        size = draw.choice([1, 1, 1, 2])
        taken = pairs[at : at + size]
        at += size
        src = [_PAUSE.split(pair[0]) if draw.random() < 0.5 else [pair[0]] for pair in taken]
        tgt = [_FULL_STOP.split(pair[1]) for pair in taken]
        if size == 2 and draw.random() < 0.5 and len(taken) == 2:
            src = [[" ".join(src[0] + src[1])]]
            beads.append((src[0], [s for one in tgt for s in one]))
        elif size == 2 and draw.random() < 0.5 and len(taken) == 2:
            beads.append(([s for one in src for s in one], [" ".join(s for one in tgt for s in one)]))
        else:
            beads.extend((list(s), list(t)) for s, t in zip(src, tgt, strict=True))
    return beads


def numbered(
    beads: Sequence[Pair], order: Sequence[int] | None = None
) -> tuple[list[str], list[str], list[str]]:
    """Lay beads out as both sides' sentences and gold lines; `order` is the beads' order in the target."""
    src = [sentence for bead in beads for sentence in bead[0]]
    tgt: list[str] = []
    places: dict[int, list[int]] = {}
    for number in order if order is not None else range(len(beads)):
        places[number] = list(range(len(tgt), len(tgt) + len(beads[number][1])))
        tgt.extend(beads[number][1])
    gold, at = [], 0
    for number, bead in enumerate(beads):
        here = range(at, at + len(bead[0]))
        at += len(bead[0])
        if bead[0] and bead[1]:
            gold.append(f"{','.join(map(str, here))}:{','.join(map(str, places[number]))}")
        else:
            gold.extend([f"{i}:" for i in here] + [f":{j}" for j in places[number]])
    return src, tgt, gold


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parallel", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    draw = random.Random(args.seed)
    found = articles(args.parallel / "authored" / "dev") + articles(args.parallel / "authored" / "train")
    draw.shuffle(found)
    strangers = [pair for article in found[96:200] for pair in article]
    sets: dict[str, tuple[list[str], list[str], list[str]]] = {}
    for number in range(12):
        pairs = [pair for article in found[number * 8 : number * 8 + 8] for pair in article]
        beads = disturb(pairs, strangers, draw)
        if number < 8:
            sets[f"authored-{number}"] = numbered(beads)
            continue
        a, b = sorted(draw.sample(range(len(beads) - 12), 2))
        order = [*range(a), *range(b, b + 4), *range(a + 4, b), *range(a, a + 4), *range(b + 4, len(beads))]
        if b < a + 4:
            order = [*range(a), *range(a + 4, a + 8), *range(a, a + 4), *range(a + 8, len(beads))]
        sets[f"moved-{number}"] = numbered(beads, order)
    pairs = lines_of(args.parallel / "quran.tsv.xz")
    for number in range(4):
        start = draw.randrange(len(pairs) - 150)
        sets[f"verses-{number}"] = numbered(verses(pairs[start : start + 150], draw))
    for number in range(8):
        pairs = [pair for article in found[200 + number * 8 : 208 + number * 8] for pair in article]
        sets[f"freer-{number}"] = numbered(freer(disturb(pairs, strangers, draw), draw))
    for number, name in enumerate(TECHNICAL * 3):
        pairs = lines_of(args.parallel / f"{name}.tsv.xz")
        start = draw.randrange(len(pairs) - 100)
        beads = disturb(pairs[start : start + 100], pairs[:100], draw)
        if number >= 2 * len(TECHNICAL):
            beads = freer(beads, draw)
        sets[f"technical-{number}"] = numbered(beads)
    args.out.mkdir(parents=True, exist_ok=True)
    for name, (src, tgt, gold) in sets.items():
        for ending, lines in (("src", src), ("tgt", tgt), ("gold", gold)):
            (args.out / f"{name}.{ending}").write_text(
                "".join(f"{line}\n" for line in lines), encoding="utf-8"
            )
        if args.model and not name.startswith("technical"):
            lines = translations(src, args.model)
            (args.out / f"{name}.s2t.starter").write_text(
                "".join(f"{line}\n" for line in lines), encoding="utf-8"
            )
        print(name, len(src), len(tgt), len(gold), flush=True)


def translations(sentences: Sequence[str], folder: Path) -> list[str]:
    import ctranslate2
    import sentencepiece

    source = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    target = sentencepiece.SentencePieceProcessor(model_file=str(folder / "target.spm"))
    translator = ctranslate2.Translator(str(folder), compute_type="int8", inter_threads=1, intra_threads=1)
    pieces = [[*source.encode(sentence, out_type=str)[:200], "</s>"] for sentence in sentences]
    results = translator.translate_batch(pieces, beam_size=2, max_batch_size=1024, batch_type="tokens")
    return [" ".join(target.decode(result.hypotheses[0]).split()) for result in results]


if __name__ == "__main__":
    main()
