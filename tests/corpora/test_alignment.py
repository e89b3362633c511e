import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpora.alignment import DocumentPair, align, align_corpus
from dragoman.corpora.bead_files import read_ladder
from dragoman.errors import MismatchError
from dragoman.eval.alignment import score_beads
from dragoman.units import Bead

BENCH = (
    Path(os.environ.get("DRAGOMAN_BENCH", Path(__file__).parents[2].parent / "shared" / "bench")) / "align"
)

SRC = ["Der Hund schläft im Garten.", "Die Katze trinkt Milch.", "Es regnet.", "Morgen fahren wir nach Bern."]
MT = ["The dog sleeps in the garden.", "The cat drinks milk.", "It rains.", "Tomorrow we go to Bern."]
WORDS = [
    "river",
    "stone",
    "house",
    "winter",
    "letter",
    "garden",
    "window",
    "minister",
    "village",
    "harbour",
    "music",
    "paper",
    "engine",
    "forest",
]

sentence = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


def spans(beads: list[Bead]) -> list[tuple[list[int], list[int]]]:
    return [(list(bead.src), list(bead.tgt)) for bead in beads]


def check_partition(beads: list[Bead], n_src: int, n_tgt: int) -> None:
    """Every sentence of both sides stands in exactly one bead, and monotone beads stand in order."""
    assert [i for bead in beads for i in bead.src] == list(range(n_src))
    assert sorted(j for bead in beads for j in bead.tgt) == list(range(n_tgt))
    in_order = [j for bead in beads if bead.monotone for j in bead.tgt]
    assert in_order == sorted(in_order)
    assert all(0.0 <= bead.confidence <= 1.0 for bead in beads)


@settings(max_examples=25, deadline=None)
@given(st.lists(sentence, max_size=12), st.lists(sentence, max_size=12), st.booleans())
def test_beads_cover_both_sides_once_and_in_order(src: list[str], tgt: list[str], with_mt: bool) -> None:
    check_partition(align(src, tgt, mt=src if with_mt else None), len(src), len(tgt))


@pytest.mark.parametrize("size", [1, 2, 7, 60, 700])
def test_a_text_against_itself_is_all_one_to_one(size: int) -> None:
    draw = np.random.default_rng(5)
    text = [" ".join(draw.choice(WORDS, 7)) + f" {i * 37 % 101}" for i in range(size)]
    assert spans(align(text, text, mt=text)) == [([i], [i]) for i in range(size)]
    assert spans(align(text, text)) == [([i], [i]) for i in range(size)]


def test_a_split_sentence_is_one_bead() -> None:
    tgt = ["The dog sleeps", "in the garden.", "The cat drinks milk.", "It rains.", "Tomorrow we go to Bern."]
    beads = align(SRC, tgt, mt=MT)
    assert spans(beads) == [([0], [0, 1]), ([1], [2]), ([2], [3]), ([3], [4])]


def test_a_run_that_is_only_in_the_target_is_found() -> None:
    draw = np.random.default_rng(2)
    text = [" ".join(draw.choice(WORDS, 9)) for _ in range(40)]
    advert = [f"subscribe newsletter offer {i} discount coupon" for i in range(6)]
    beads = align(text, [*text[:20], *advert, *text[20:]], mt=text)
    assert [bead.tgt.start for bead in beads if not bead.src] == list(range(20, 26))


def test_moved_content_is_matched_and_marked() -> None:
    draw = np.random.default_rng(3)
    text = [" ".join(f"{word}{draw.integers(200)}" for word in draw.choice(WORDS, 9)) for _ in range(40)]
    moved = [*text[:10], *text[13:], *text[10:13]]
    beads = align(text, moved, mt=text)
    check_partition(beads, 40, 40)
    assert {bead.src.start: bead.tgt.start for bead in beads if not bead.monotone} == {10: 37, 11: 38, 12: 39}


def test_empty_sides_give_null_beads() -> None:
    assert align([], []) == []
    assert spans(align(["a", "b"], [])) == [([0], []), ([1], [])]
    assert spans(align([], ["a"], mt=[])) == [([], [0])]


def test_blank_sentences_are_kept() -> None:
    check_partition(align(["", " ", ""], ["", "x"]), 3, 2)


def test_one_giant_sentence_is_aligned() -> None:
    giant = " ".join(WORDS * 3000)
    check_partition(align([giant], [giant, "x"], mt=[giant]), 1, 2)


def test_ten_thousand_identical_sentences_do_not_blow_up() -> None:
    same = ["The same line again."] * 10_000
    beads = align(same, same[:9_990], mt=same)
    check_partition(beads, 10_000, 9_990)
    assert sum(bead.kind == "1-1" for bead in beads) > 9_500


def test_a_long_text_is_aligned_in_its_band() -> None:
    draw = np.random.default_rng(7)
    text = [" ".join(f"{word}{draw.integers(60)}" for word in draw.choice(WORDS, 8)) for _ in range(3_100)]
    tgt = text[:1000] + text[1400:]
    beads = align(text, tgt, mt=text)
    check_partition(beads, len(text), len(tgt))
    wanted = [(i, i if i < 1000 else i - 400) for i in range(3_100) if not 1000 <= i < 1400]
    found = {(bead.src.start, bead.tgt.start) for bead in beads if bead.kind == "1-1"}
    assert len(found.intersection(wanted)) > 0.99 * len(wanted)


def made_up_words(n: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    syllables = [c + v for c in "bcdfghjklmnpqrstvwz" for v in "aeiou"]
    return ["".join(draw.choices(syllables, k=draw.randint(1, 4))) for _ in range(n)]


def test_a_long_text_that_shares_nothing_is_aligned_by_lengths_and_a_lexicon_of_its_ends() -> None:
    draw = random.Random(4)
    here, there = made_up_words(600, 1), made_up_words(600, 2)
    ids = [[draw.randrange(draw.randrange(1, 600)) for _ in range(draw.randint(3, 25))] for _ in range(3_200)]
    src = [" ".join(here[k] for k in sentence) for sentence in ids]
    kept = [i for i in range(3_200) if draw.random() > 0.02]
    tgt = [" ".join(there[k] for k in ids[i]) for i in kept]
    beads = align(src, tgt)
    check_partition(beads, len(src), len(tgt))
    found = {(bead.src.start, bead.tgt.start) for bead in beads if bead.kind == "1-1"}
    assert len(found.intersection((i, j) for j, i in enumerate(kept))) > 0.95 * len(kept)


@pytest.mark.parametrize("repeat", [100, 1_200])
def test_a_text_that_repeats_itself_is_not_aligned_one_repeat_off(repeat: int) -> None:
    draw = random.Random(6)
    known = made_up_words(900, 3)
    verses = [draw.choices(known, k=draw.randint(5, 15)) for _ in range(repeat)]
    text = [verses[i % repeat] for i in range(3_600)]
    mt = [" ".join(word if draw.random() < 0.7 else draw.choice(known) for word in s) for s in text]
    kept = [i for i in range(3_600) if draw.random() > 0.02]
    beads = align(mt, [" ".join(text[i]) for i in kept], mt=mt)
    found = {(bead.src.start, bead.tgt.start) for bead in beads if bead.kind == "1-1"}
    assert len(found.intersection((i, j) for j, i in enumerate(kept))) > 0.95 * len(kept)


def test_several_hypotheses_and_the_other_direction_are_used() -> None:
    beads = align(SRC, MT, mt=[[a, a.upper()] for a in MT], mt_reverse=SRC)
    assert [bead.kind for bead in beads] == ["1-1"] * 4


def test_embeddings_alone_decide() -> None:
    vectors = np.eye(5)
    beads = align(list("abcde"), list("vwxy"), embeddings=(vectors, vectors[[0, 1, 3, 4]]))
    assert ([2], []) in spans(beads)
    assert ([3], [2]) in spans(beads)


def test_chinese_is_aligned_without_spaces() -> None:
    src = [
        "今天天气很好。",
        "我们去2019年的公园。",
        "他不喜欢咖啡,也不喜欢茶,只喝水。",
        "NATO 会议在北京举行。",
    ]
    tgt = [
        "The weather is fine today.",
        "We go to the park of 2019.",
        "He likes neither coffee nor tea and drinks only water.",
        "The NATO meeting is held in Beijing.",
    ]
    assert [bead.kind for bead in align(src, tgt)] == ["1-1"] * 4


def test_arabic_is_aligned_by_the_bundled_lexicon() -> None:
    src = ["وزارة الخارجية تعلن عن اجتماع.", "المدرسة قريبة.", "السفينة في البحر."]
    tgt = ["The ship is at sea.", "The school is near."]
    beads = align(src[1:], tgt[::-1])
    assert [bead.kind for bead in beads] == ["1-1", "1-1"]


def test_a_column_of_line_numbers_is_not_compared() -> None:
    src = [
        f"{i}\t{text}" for i, text in enumerate(["The garden is green.", "Winter.", "A long letter came."])
    ]
    tgt = [
        f"{i}\t{text}" for i, text in enumerate(["The garden", "is green.", "Winter.", "A long letter came."])
    ]
    assert spans(align(src, tgt)) == [([0], [0, 1]), ([1], [2]), ([2], [3])]


def test_no_bead_crosses_an_anchor() -> None:
    same = ["word"] * 6
    beads = align(same, same[:4], mt=same, anchors=[(1, 3)])
    check_partition(beads, 6, 4)
    assert all((bead.src.stop <= 1) == (bead.tgt.stop <= 3) for bead in beads if bead.src and bead.tgt)


def test_anchors_that_fall_are_refused() -> None:
    with pytest.raises(ValueError, match="anchors must rise"):
        align(["a"] * 3, ["b"] * 3, anchors=[(2, 2), (1, 3)])


def test_a_bead_avoids_to_reach_into_the_next_paragraph() -> None:
    src = ["alpha beta", "gamma"]
    tgt = ["alpha beta", "gamma", "delta"]
    without = align(src, tgt, mt=src)
    with_paragraphs = align(src, tgt, mt=src, src_paragraphs=[0, 0], tgt_paragraphs=[0, 0, 1])
    assert any(list(bead.tgt) == [2] and not bead.src for bead in with_paragraphs) or spans(without) == spans(
        with_paragraphs
    )
    check_partition(with_paragraphs, 2, 3)


def test_hypotheses_of_the_wrong_number_are_refused() -> None:
    with pytest.raises(MismatchError, match="mt has 1 rows for 2 sentences"):
        align(["a", "b"], ["c"], mt=["a"])


def test_threads_and_repeated_calls_change_nothing() -> None:
    first = align(SRC, MT[:3], mt=MT)
    results: list[list[Bead]] = []
    threads = [threading.Thread(target=lambda: results.append(align(SRC, MT[:3], mt=MT))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [first] * 4


def test_the_order_of_documents_changes_no_bead() -> None:
    documents = [DocumentPair(SRC, MT), DocumentPair(SRC[::-1], MT[::-1]), DocumentPair(SRC[:2], MT[:3])]
    forth = [spans(beads) for beads in align_corpus(documents)]
    back = [spans(beads) for beads in align_corpus(documents[::-1])]
    assert forth == back[::-1]


def test_a_corpus_streams_in_groups() -> None:
    taken = 0

    def stream() -> Iterator[DocumentPair]:
        nonlocal taken
        for _ in range(10):
            taken += 1
            yield DocumentPair(SRC, MT, MT)

    next(align_corpus(stream(), pool_sentences=8))
    assert taken == 2


def test_the_import_loads_no_model_library() -> None:
    code = (
        "import sys, dragoman; dragoman.align; "
        "print([m for m in ('torch', 'transformers', 'ctranslate2', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not BENCH.exists(), reason="the alignment benchmarks are not here")
def test_the_benchmarks_stay_above_their_floors() -> None:
    def lines(path: Path) -> list[str]:
        return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")

    folder = BENCH / "textberg-dev"
    src, tgt, mt = (lines(folder / f"dev.{side}") for side in ("src", "tgt", "s2t.google"))
    document = DocumentPair(src, tgt, mt)
    score = score_beads([read_ladder(folder / "dev.gold")], list(align_corpus([document])))
    assert score.strict.f1 >= 0.895
    assert score.lax.f1 >= 0.985
    assert score.tgt_nulls.f1 >= 0.9
    assert (score.calibration_error or 0) <= 0.06
    gold = sorted((BENCH / "parice").glob("*.gold"))
    sides = [[lines(path.with_suffix(side)) for path in gold] for side in (".src", ".tgt")]
    documents = [DocumentPair(src, tgt) for src, tgt in zip(*sides, strict=True)]
    score = score_beads([read_ladder(path) for path in gold], list(align_corpus(documents)))
    assert score.strict.f1 >= 0.88
