"""The search for the best sequence of beads: dynamic programming over a band, with posteriors.

A path goes from (0, 0) to (n_src, n_tgt); a bead n-m is a step from (i, j) to (i + n, j + m). The band is cut
into overlapping blocks (`align_band`), which are laid side by side (`align_batch`); the best path of each
(`align_best`), and the probability of its beads (`align_posteriors`), come from one program for all of them.
Where the paths of two neighbours do not meet in their overlap, the two are searched again as one block; where
they still do not after many rows, as in text that repeats itself, skipped sentences bridge them.
"""

from collections.abc import Iterator, Sequence
from math import log

from dragoman.corpora.align_band import Band, Block
from dragoman.corpora.align_batch import Batch, BeadScorer, Gaps
from dragoman.corpora.align_best import BestPaths, Step
from dragoman.corpora.align_posteriors import PathSums

_MOST_SCORES = 20_000_000  # bead scores of the blocks that are searched at once
_MOST_UNEQUAL = 1.5  # length and width of such blocks, the largest over the smallest
_MOST_ROWS = 2_048  # of a block made of several
_UNSURE = 0.5  # posterior of sentences that are skipped to get from one path to another


def search(scorer: BeadScorer, band: Band, gaps: Gaps, temperature: float | None = None) -> list[Step]:
    """Find the best path, and with a temperature the posterior of each of its beads.

    Args:
        scorer: the bead scores.
        band: the cells to visit; its last row must hold the column n_tgt.
        gaps: costs of skipped sentences.
        temperature: scores are divided by it before they are exponents; None: no posteriors (they are 1.0).

    Returns:
        The beads in order; each skipped sentence is a bead of its own.
    """
    blocks = band.blocks()
    paths: dict[Block, list[Step]] = {}
    while True:
        missing = [block for block in blocks if block not in paths]
        for group in _groups(band, missing, len(scorer.kinds)):
            batch = Batch(scorer, band, gaps, group)
            best = BestPaths(batch)
            found = [best.trace(number) for number in range(len(group))]
            del best
            if temperature is not None:
                sums = PathSums(batch, temperature)
                found = [sums.with_posteriors(number, path) for number, path in enumerate(found)]
            paths.update(zip(group, found, strict=True))
        joined, apart = _join(blocks, [paths[block] for block in blocks])
        if not apart:
            return joined
        blocks = _merged(blocks, apart)


def _groups(band: Band, blocks: Sequence[Block], n_kinds: int) -> Iterator[list[Block]]:
    """Group blocks of like size whose bead scores fit in memory together; neighbours where possible."""
    classes: dict[tuple[int, int], list[tuple[Block, int]]] = {}
    for block in blocks:
        here = slice(block.first, block.last)
        n_rows, width = block.last - block.first, int((band.hi[here] - band.lo[here]).max())
        key = round(log(n_rows, _MOST_UNEQUAL)), round(log(width, _MOST_UNEQUAL))
        classes.setdefault(key, []).append((block, width))
    for alike in classes.values():
        group: list[Block] = []
        n_cells = 0
        widest = max(width for _, width in alike)
        for block, _ in alike:
            cells = (block.last - block.first) * widest
            if group and (n_cells + cells) * n_kinds > _MOST_SCORES:
                yield group
                group, n_cells = [], 0
            group.append(block)
            n_cells += cells
        yield group


def _join(blocks: Sequence[Block], paths: Sequence[list[Step]]) -> tuple[list[Step], set[int]]:
    """Join the paths of neighbouring blocks where they meet nearest to their seam.

    Returns:
        The whole path, and the numbers of the blocks to search again together with the block before.
    """
    whole = list(paths[0])
    apart = set()
    for number in range(1, len(blocks)):
        block, path = blocks[number], paths[number]
        back = len(whole)
        while back and whole[back - 1].src >= block.first:
            back -= 1
        lap = whole[back:]
        meeting = _meeting(lap, path, block.seam)
        if meeting is None and block.last - blocks[number - 1].first > _MOST_ROWS:
            meeting = _bridge(lap, path, block.seam)
        if meeting is None:
            apart.add(number)
            continue
        here, there = meeting
        whole[back:] = [*lap[:here], *_skipped(lap[here], path[there]), *path[there:]]
    return whole, apart


def _meeting(one: Sequence[Step], other: Sequence[Step], seam: int) -> tuple[int, int] | None:
    """Return the places in two paths of the step that starts at the same point, nearest to the seam."""
    places = {(step.src, step.tgt): place for place, step in enumerate(other)}
    meetings = [
        (abs(step.src - seam), place, places[step.src, step.tgt])
        for place, step in enumerate(one)
        if (step.src, step.tgt) in places
    ]
    return min(meetings)[1:] if meetings else None


def _bridge(one: Sequence[Step], other: Sequence[Step], seam: int) -> tuple[int, int] | None:
    """Return the places in two paths of steps near the seam, of which the second starts beyond the first."""
    for place in range(len(one) - 1, -1, -1):
        step = one[place]
        if step.src <= seam:
            for there, later in enumerate(other):
                if later.src >= step.src and later.tgt >= step.tgt:
                    return place, there
    return None


def _skipped(step: Step, later: Step) -> list[Step]:
    """Skip what lies between the starts of two steps, on either side."""
    src = [Step(i, step.tgt, 1, 0, 0.0, _UNSURE) for i in range(step.src, later.src)]
    return src + [Step(later.src, j, 0, 1, 0.0, _UNSURE) for j in range(step.tgt, later.tgt)]


def _merged(blocks: Sequence[Block], apart: set[int]) -> list[Block]:
    """Make one block of each block in `apart` and the one before it; of several only while they are short."""
    merged: list[Block] = []
    for number, block in enumerate(blocks):
        if number in apart and (
            merged[-1] == blocks[number - 1] or block.last - merged[-1].first <= _MOST_ROWS
        ):
            merged[-1] = Block(merged[-1].first, block.last, merged[-1].seam)
        else:
            merged.append(block)
    return merged
