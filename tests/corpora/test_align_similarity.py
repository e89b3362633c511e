"""Norms of block sums against sums that are really made."""

import numpy as np
import pytest
from scipy import sparse

from dragoman.corpora import align_similarity
from dragoman.corpora.align_similarity import block_norms

LONGEST = 4


@pytest.mark.parametrize("n", [1, 3, 50])
@pytest.mark.parametrize("rows_at_once", [7, 4_000])
@pytest.mark.parametrize("is_sparse", [True, False])
def test_norms_of_block_sums_are_those_of_the_sums(
    n: int, rows_at_once: int, is_sparse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(align_similarity, "_GRAM_ROWS", rows_at_once)
    draw = np.random.default_rng(n)
    dense = (draw.random((n, 9)) * (draw.random((n, 9)) < 0.4)).astype(np.float32)
    lone = draw.random(n).astype(np.float32)
    norms = block_norms(sparse.csr_matrix(dense) if is_sparse else dense, lone, LONGEST)
    assert norms.shape == (LONGEST + 1, n + 1)
    for length in range(1, LONGEST + 1):
        for end in range(length, n + 1):
            block = slice(end - length, end)
            square = (dense[block].sum(axis=0) ** 2).sum() + lone[block].sum()
            assert norms[length, end] == pytest.approx(square**0.5, rel=1e-5)
