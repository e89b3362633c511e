"""Leaving out of a converted model the target tokens that it can never produce.

A Marian model with one vocabulary for both languages computes, at every step of every hypothesis, scores for
the source language's pieces too, although a bias of -10,000 (`final_logits_bias`) forbids them. For a small
model that is most of the work. The converted model gets a target vocabulary without them: what it translates,
and with which probabilities, stays the same, because a forbidden token's share of the softmax is zero in
float32.
"""

from typing import Any

# The engine looks these up by name in the target vocabulary, also when they are never produced: without <unk>
# it would forbid token 0, the end of sentence, in its place.
_KEPT = ("</s>", "<unk>", "<s>", "<pad>")
# exp(-1000) is 0 in float32 by far; no trained bias comes near.
_FORBIDDEN = -1e3


def drop_forbidden_tokens(spec: Any) -> int:
    """Take forbidden tokens out of a CTranslate2 model specification, before it is optimised and saved.

    Args:
        spec: a TransformerSpec as the converter made it, its variables torch tensors; changed in place, as
            the converter's own steps do.

    Returns:
        Target tokens left out; 0 when the model forbids none.
    """
    import torch

    bias = getattr(spec.decoder.projection, "bias", None)
    if not isinstance(bias, torch.Tensor) or len(spec._vocabularies["target"]) != 1:
        return 0
    tokens = spec._vocabularies["target"][0]
    is_kept = torch.tensor([token in _KEPT for token in tokens])
    allowed = torch.nonzero((bias > _FORBIDDEN) | is_kept).squeeze(1)
    n_dropped = int(bias.shape[0] - allowed.shape[0])
    if not n_dropped:
        return 0
    spec.decoder.embeddings.weight = spec.decoder.embeddings.weight[allowed].contiguous()
    spec.decoder.projection.weight = spec.decoder.projection.weight[allowed].contiguous()
    spec.decoder.projection.bias = bias[allowed].contiguous()
    spec._vocabularies["target"][0] = [tokens[i] for i in allowed.tolist()]
    return n_dropped
