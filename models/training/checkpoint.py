"""The state of a training run: all that is needed to go on as if it had never stopped."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor


@dataclass(slots=True)
class Progress:
    """Where a run stands. This is the one mutable record of training.

    Attributes:
        step: optimiser steps done.
        epoch: the current epoch, from 0.
        position: batches of this epoch done.
        n_pairs: pairs seen, repeats counted.
        n_tokens: target pieces seen.
        seconds: time spent in the training loop, over all starts.
        best_loss: lowest dev loss, nats a piece.
        best_step: where that was.
    """

    step: int = 0
    epoch: int = 0
    position: int = 0
    n_pairs: int = 0
    n_tokens: int = 0
    seconds: float = 0.0
    best_loss: float = float("inf")
    best_step: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """What a checkpoint file holds."""

    weights: dict[str, Tensor]
    average: dict[str, Tensor]
    best: dict[str, Tensor]
    optimizer: dict[str, Any]
    generators: dict[str, Tensor]
    progress: Progress


def save_state(state: State, path: Path) -> None:
    """Write a checkpoint, whole or not at all."""
    content = {
        "weights": state.weights,
        "average": state.average,
        "best": state.best,
        "optimizer": state.optimizer,
        "generators": state.generators,
        "progress": asdict(state.progress),
    }
    temporary = path.with_name(path.name + ".tmp")
    torch.save(content, temporary)
    temporary.replace(path)


def load_state(path: Path) -> State:
    """Read a checkpoint onto the CPU; only tensors and plain values are unpickled."""
    content = torch.load(path, map_location="cpu", weights_only=True)
    return State(**{**content, "progress": Progress(**content["progress"])})


def generator_states() -> dict[str, Tensor]:
    """Return the states of torch's global generators: dropout draws from them."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def restore_generators(states: dict[str, Tensor]) -> None:
    """Put the global generators back to `states`."""
    torch.set_rng_state(states["cpu"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])
