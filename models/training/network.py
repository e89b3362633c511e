"""The Marian network as transformers builds it, its loss, and where its weights come from."""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import MarianConfig, MarianMTModel

from dragoman.errors import ModelError
from dragoman.models.training.batches import IGNORED, Batch
from dragoman.models.training.config import Shape
from dragoman.models.training.packed import Meta


def marian_config(shape: Shape, meta: Meta, dropout: float = 0.0) -> MarianConfig:
    """Return the configuration of a network of this shape and vocabulary; all embeddings are tied."""
    return MarianConfig(
        vocab_size=meta.n_vocab,
        decoder_vocab_size=meta.n_vocab,
        d_model=shape.d_model,
        encoder_layers=shape.encoder_layers,
        decoder_layers=shape.decoder_layers,
        encoder_attention_heads=shape.heads,
        decoder_attention_heads=shape.heads,
        encoder_ffn_dim=shape.ffn,
        decoder_ffn_dim=shape.ffn,
        dropout=dropout,
        attention_dropout=0.0,
        activation_dropout=0.0,
        activation_function="relu",
        max_position_embeddings=shape.max_positions,
        scale_embedding=True,
        share_encoder_decoder_embeddings=True,
        tie_word_embeddings=True,
        pad_token_id=meta.pad,
        eos_token_id=meta.eos,
        bos_token_id=meta.eos,
        decoder_start_token_id=meta.pad,
        forced_eos_token_id=meta.eos,
    )


def build_network(shape: Shape, meta: Meta, dropout: float, start: Path | None) -> MarianMTModel:
    """Build the network in float32.

    Args:
        shape: dimensions.
        meta: vocabulary.
        dropout: on embeddings and residual branches.
        start: a model folder to go on from, an `.npy` of embeddings from `lexinit`, or None for a random
            start.

    Raises:
        ModelError: the folder's weights do not fit this shape and vocabulary.
    """
    network = MarianMTModel(marian_config(shape, meta, dropout))
    if start is None:
        return network
    if start.suffix == ".npy":
        with torch.no_grad():
            network.model.shared.weight.copy_(torch.from_numpy(np.load(start)))
        return network
    stored = load_file(start / "model.safetensors")
    # Positions are computed and the output bias is export's business: only what is trained is taken over.
    trained = {name: p for name, p in network.named_parameters() if p.requires_grad}
    missing = sorted(set(trained) - set(stored))
    if missing:
        raise ModelError(f"{start}: the weights lack {missing}")
    with torch.no_grad():
        for name, parameter in trained.items():
            if parameter.shape != stored[name].shape:
                raise ModelError(
                    f"{start}: {name} is {tuple(stored[name].shape)}, not {tuple(parameter.shape)}"
                )
            parameter.copy_(stored[name])
    return network


def sum_loss(
    body: nn.Module, embeddings: Tensor, batch: Batch, pad: int, smoothing: float
) -> tuple[Tensor, int]:
    """Return the summed cross entropy over the target pieces and their number.

    Args:
        body: encoder and decoder (`MarianMTModel.model`), compiled or not.
        embeddings: (n_tgt, d_model), the target's part of the tied embeddings: the softmax stops there.
        batch: arrays from `collate`.
        pad: id of `<pad>`.
        smoothing: label smoothing; 0 gives the plain cross entropy in nats a piece.
    """
    device = embeddings.device
    src = torch.from_numpy(batch.src).to(device)  # (n, src)
    decoder_in = torch.from_numpy(batch.decoder_in).to(device)  # (n, tgt)
    labels = torch.from_numpy(batch.labels).to(device).reshape(-1)  # (n * tgt,)
    mask = (src != pad).long()
    states = body(
        input_ids=src, attention_mask=mask, decoder_input_ids=decoder_in, use_cache=False
    ).last_hidden_state
    real = labels != IGNORED
    logits = functional.linear(states.reshape(-1, states.shape[-1])[real], embeddings)  # (real pieces, n_tgt)
    loss = functional.cross_entropy(logits.float(), labels[real], label_smoothing=smoothing, reduction="sum")
    return loss, int(real.sum())
