"""Term accuracy and chrF++ without the search for glossary terms, with terms forced, with n-best lists first.

    python bench/glossary.py PAIRS.tsv... [--terms tests/fixtures/qa/terms.tsv] [--limit 300]

PAIRS are Arabic and English, a pair a line; those count in which a term of the glossary stands on both sides.
"""

import argparse
import time
from pathlib import Path

import sacrebleu

from dragoman.models.engine import load
from dragoman.translate.glossary import read_glossary
from dragoman.translate.term_search import N_BEST, keep_terms
from dragoman.translate.translation import translate


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pairs", type=Path, nargs="+")
    parser.add_argument("--terms", type=Path, default=Path("tests/fixtures/qa/terms.tsv"))
    parser.add_argument("--model", default="starter-ar-en")
    parser.add_argument("--n-best", type=int, default=N_BEST)
    parser.add_argument("--limit", type=int, default=300)
    arguments = parser.parse_args()
    glossary = read_glossary(arguments.terms)
    lines = [line for path in arguments.pairs for line in path.read_text(encoding="utf-8").split("\n")]
    pairs = [(src, tgt) for src, tab, tgt in (line.partition("\t") for line in lines) if tab]
    pairs = [pair for pair in pairs if glossary.terms_in(pair[0]) and not glossary.missing(*pair)]
    pairs = pairs[: arguments.limit]
    sources, references = [src for src, _ in pairs], [tgt for _, tgt in pairs]
    translator = load(arguments.model)
    before = translate(sources, model=translator)
    results = [("without", before, 0.0)]
    for name, n_best in (("forced", 0), (f"{arguments.n_best} best, then forced", arguments.n_best)):
        start = time.perf_counter()
        after = keep_terms(sources, before, glossary, translator, n_best=n_best)
        results.append((name, after, time.perf_counter() - start))
    for name, hypotheses, seconds in results:
        texts = [hypothesis.text for hypothesis in hypotheses]
        kept = [glossary.kept(src, text) for src, text in zip(sources, texts, strict=True)]
        n_kept, n_terms = sum(n for n, _ in kept), sum(n for _, n in kept)
        chrf = sacrebleu.corpus_chrf(texts, [references], word_order=2)
        n_changed = sum(one.text != other.text for one, other in zip(before, hypotheses, strict=True))
        print(
            f"{name}: {n_kept}/{n_terms} terms ({n_kept / max(1, n_terms):.1%}), chrF++ {chrf.score:.1f}, "
            f"{n_changed} of {len(pairs)} sentences changed, search {seconds:.1f} s"
        )


if __name__ == "__main__":
    main()
