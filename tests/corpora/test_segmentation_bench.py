"""Floors of segmentation quality on the development sets, which lie outside the repository."""

import json
import os
from pathlib import Path

import pytest

from dragoman.corpora.reading import read
from dragoman.corpora.segmentation import segment

SHARED = Path(os.environ.get("DRAGOMAN_BENCH", Path(__file__).parents[2].parent / "shared" / "bench")).parent


def boundaries(text: str, ends: list[int]) -> set[int]:
    """Return boundaries as numbers of characters that are not white space before them."""
    return {len("".join(text[:end].split())) for end in ends}


@pytest.mark.parametrize(
    ("name", "lang", "precision", "f1"),
    [("ar-padt-dev-fine", "ar", 0.985, 0.95), ("en-ewt-dev", "en", 0.98, 0.89)],
)
def test_boundaries_are_found_on_the_treebanks(name: str, lang: str, precision: float, f1: float) -> None:
    path = SHARED / "bench" / "segment" / name / "units.jsonl"
    if not path.exists():
        pytest.skip(f"no {path}")
    n_right = n_found = n_gold = 0
    for row in path.read_text(encoding="utf-8").split("\n"):
        if not row:
            continue
        unit = json.loads(row)
        text = unit["text"]
        gold = boundaries(text, [end for _, end in unit["sents"][:-1]])
        free = boundaries(text, unit.get("ignore", [])) | boundaries(text, [0, len(text)])
        found = boundaries(text, [part.end for part in segment(text, lang=lang)]) - free
        n_right += len(found & gold)
        n_found += len(found)
        n_gold += len(gold)
    assert n_right / n_found >= precision
    assert 2 * n_right / (n_found + n_gold) >= f1


def test_every_sentence_of_the_real_article_is_found() -> None:
    folder = SHARED / "seed"
    if not folder.exists():
        pytest.skip(f"no {folder}")
    gold = json.loads((folder / "gold.json").read_text(encoding="utf-8"))
    document = read(folder / "article.ar.txt")
    ends = {part.end for part in segment(document)}
    free = {row["offset"] for row in gold["arguable_boundaries"]}
    assert {row["end"] for row in gold["sentences"]} - ends - free == set()
    assert ends - {row["end"] for row in gold["sentences"]} - free == set()
    starts = {part.start for part in segment(document)}
    for trap in gold["traps"]:
        if trap["offset"] not in {row["end"] for row in gold["sentences"]}:
            assert trap["offset"] not in ends
            assert trap["offset"] + 1 not in starts
