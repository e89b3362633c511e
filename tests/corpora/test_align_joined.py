"""Two sentences whose boundary moved in the translation."""

from dragoman.corpora.alignment import align

LEFT = [
    "the minister opened the new harbour in the north of the country on monday",
    "fishermen had waited for it since the storm of last winter",
    "the old quay will become a museum for the history of the sea",
    "schools may visit it without paying from the first day of may",
]


def kinds(tgt: list[str]) -> list[str]:
    return [bead.kind for bead in align(LEFT, tgt, mt=LEFT)]


def test_a_clause_on_the_other_side_of_a_boundary_makes_one_bead() -> None:
    moved = "in the north of the country on monday"
    tgt = [LEFT[0].removesuffix(" " + moved), f"{moved} {LEFT[1]}", *LEFT[2:]]
    assert kinds(tgt) == ["2-2", "1-1", "1-1"]


def test_sentences_that_share_words_stay_apart_when_their_lengths_fit() -> None:
    tgt = [LEFT[0], LEFT[1].replace("fishermen", "the fishermen of the harbour"), *LEFT[2:]]
    assert kinds(tgt) == ["1-1"] * 4
