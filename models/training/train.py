"""Step 3: train, or go on with training.

    python -m dragoman.models.training.train CONFIG DATA RUN [--start MODEL_FOLDER | --start emb.npy]

RUN/checkpoint.pt is written as the run goes; starting the same command again resumes from it, to the bit
on the same machine (unless the clock paces the run). The weights that count are the exponential moving
average; the dev loss is measured on them, the best ones are kept, and the run ends early when they have
not improved for `patience` checks. A CPU wants OMP_WAIT_POLICY=PASSIVE where other processes run beside.
"""

import argparse
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from dragoman.models.training.batches import collate, offsets, plan_epoch, plan_in_order
from dragoman.models.training.checkpoint import (
    Progress,
    State,
    generator_states,
    load_state,
    restore_generators,
    save_state,
)
from dragoman.models.training.config import Config, Training, read_config
from dragoman.models.training.network import build_network, sum_loss
from dragoman.models.training.packed import Ids, Meta, PackedPairs, load_meta

log = logging.getLogger(__name__)


class Trainer:
    """One run: the network, its average, the optimiser and the data."""

    def __init__(self, config: Config, data: Path, run: Path, start: Path | None, device: str) -> None:
        self.config, self.settings, self.run_folder = config, config.training, run
        torch.manual_seed(config.seed)
        torch.set_num_threads(self.settings.threads)
        self.device = torch.device(device)
        self.meta: Meta = load_meta(data)
        self.variants = sorted(data.glob("train-*.npz"))
        self.dev = PackedPairs.load(data / "dev.npz")
        network = build_network(config.shape, self.meta, self.settings.dropout, start)
        self.network = network.to(self.device).train()
        self.parameters = {name: p for name, p in self.network.named_parameters() if p.requires_grad}
        self.average = {name: p.detach().clone() for name, p in self.parameters.items()}
        self.best = {name: p.detach().clone() for name, p in self.parameters.items()}
        self.optimizer = torch.optim.AdamW(
            list(self.parameters.values()),
            lr=self.settings.lr,
            betas=(0.9, 0.98),
            weight_decay=self.settings.weight_decay,
            fused=True,
        )
        self.progress = Progress()
        self.body: nn.Module = self.network.model
        if self.settings.compile:
            self.body = torch.compile(self.network.model, dynamic=True)
        self.half = _uses_bf16(self.settings, self.device)
        if self.checkpoint.exists():
            self._restore(load_state(self.checkpoint))

    @property
    def checkpoint(self) -> Path:
        """Where the run's state lies."""
        return self.run_folder / "checkpoint.pt"

    def train(self, max_steps: int | None = None) -> Progress:
        """Train to the end of the schedule, or for `max_steps` more steps; return where the run stands."""
        started, before = time.monotonic(), self.progress.seconds
        stop_at = None if max_steps is None else self.progress.step + max_steps
        window = _Window()
        for batch_pairs, numbers, starts in self._batches():
            if self._share_done() >= 1 or self.progress.step == stop_at:
                break
            n_tokens, loss = self._step(batch_pairs, numbers, starts)
            window.add(n_tokens, loss)
            self.progress.seconds = before + time.monotonic() - started
            if self.progress.step % self.settings.eval_every == 0:
                stalled = self._evaluate(window)
                window = _Window()
                if stalled:
                    log.info("no improvement for %d checks: stopping", self.settings.patience)
                    break
            if self.progress.step % self.settings.save_every == 0:
                self.save()
        if stop_at is None:
            self._evaluate(window)
        self.save()
        return self.progress

    def dev_loss(self, weights: dict[str, Tensor]) -> float:
        """Return the dev set's cross entropy, nats a piece, under `weights`; the network keeps its own."""
        kept = {name: p.detach().clone() for name, p in self.parameters.items()}
        self._load(weights)
        self.network.eval()
        src_start, tgt_start = offsets(self.dev.src_len), offsets(self.dev.tgt_len)
        total, n_tokens = 0.0, 0
        with torch.inference_mode():
            for numbers in plan_in_order(self.dev, self.settings.batch_tokens):
                batch = collate(self.dev, numbers, self.meta, src_start, tgt_start)
                loss, n = sum_loss(self.network.model, self._target_embeddings(), batch, self.meta.pad, 0.0)
                total, n_tokens = total + float(loss), n_tokens + n
        self.network.train()
        self._load(kept)
        return total / max(1, n_tokens)

    def save(self) -> None:
        """Write the checkpoint."""
        self.run_folder.mkdir(parents=True, exist_ok=True)
        weights = {name: p.detach().cpu() for name, p in self.parameters.items()}
        average, best = ({name: t.cpu() for name, t in part.items()} for part in (self.average, self.best))
        optimizer = self.optimizer.state_dict()
        save_state(
            State(weights, average, best, optimizer, generator_states(), self.progress), self.checkpoint
        )

    def _step(self, pairs: PackedPairs, numbers: Ids, starts: tuple[Ids, Ids]) -> tuple[int, float]:
        batch = collate(pairs, numbers, self.meta, *starts)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.half):
            loss, n_tokens = sum_loss(
                self.body, self._target_embeddings(), batch, self.meta.pad, self.settings.label_smoothing
            )
        (loss / n_tokens).backward()
        nn.utils.clip_grad_norm_(list(self.parameters.values()), self.settings.clip)
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.lr * rate(self.settings, self.progress.step, self._share_done())
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        state = self.progress
        state.step, state.position = state.step + 1, state.position + 1
        state.n_pairs, state.n_tokens = state.n_pairs + len(numbers), state.n_tokens + n_tokens
        # A young average forgets faster, or the start would weigh on it for long.
        keep = min(self.settings.ema, (state.step + 1) / (state.step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.values()), list(self.parameters.values()), 1 - keep)
        return n_tokens, float(loss.detach())

    def _batches(self) -> Iterator[tuple[PackedPairs, Ids, tuple[Ids, Ids]]]:
        while True:
            epoch = self.progress.epoch
            pairs = PackedPairs.load(self.variants[epoch % len(self.variants)])
            starts = offsets(pairs.src_len), offsets(pairs.tgt_len)
            plan = plan_epoch(
                pairs,
                self.config.weights,
                self.settings.batch_tokens,
                self.config.filters.max_pieces + 1,
                self.config.seed,
                epoch,
            )
            for numbers in plan[self.progress.position :]:
                yield pairs, numbers, starts
            self.progress.epoch, self.progress.position = epoch + 1, 0

    def _share_done(self) -> float:
        by_step = self.progress.step / self.settings.steps
        by_clock = self.progress.seconds / (60 * self.settings.minutes) if self.settings.minutes else 0.0
        return max(by_step, by_clock)

    def _evaluate(self, window: "_Window") -> bool:
        loss, state = self.dev_loss(self.average), self.progress
        if loss < state.best_loss:
            state.best_loss, state.best_step = loss, state.step
            self.best = {name: tensor.clone() for name, tensor in self.average.items()}
        log.info(
            "%s step %d epoch %d pairs %d tokens %d loss %.3f dev %.4f best %.4f (%d) speed %.0f done %.3f",
            time.strftime("%H:%M:%S", time.gmtime()), state.step, state.epoch, state.n_pairs, state.n_tokens,
            window.loss, loss, state.best_loss, state.best_step, window.speed, self._share_done(),
        )  # fmt: skip
        return state.step - state.best_step >= self.settings.patience * self.settings.eval_every

    def _target_embeddings(self) -> Tensor:
        embeddings: Tensor = self.network.model.shared.weight[: self.meta.n_tgt]
        return embeddings

    def _load(self, weights: dict[str, Tensor]) -> None:
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                parameter.copy_(weights[name])

    def _restore(self, state: State) -> None:
        self._load(state.weights)
        self.average = {name: tensor.to(self.device) for name, tensor in state.average.items()}
        self.best = {name: tensor.to(self.device) for name, tensor in state.best.items()}
        self.optimizer.load_state_dict(state.optimizer)
        self.progress = state.progress
        restore_generators(state.generators)
        log.info("resumed at step %d", self.progress.step)


class _Window:
    """Loss and speed since the last report."""

    def __init__(self) -> None:
        self._n_tokens, self._loss, self._started = 0, 0.0, time.monotonic()

    def add(self, n_tokens: int, loss: float) -> None:
        self._n_tokens += n_tokens
        self._loss += loss

    @property
    def loss(self) -> float:
        return self._loss / max(1, self._n_tokens)

    @property
    def speed(self) -> float:
        return self._n_tokens / max(1e-9, time.monotonic() - self._started)


def rate(settings: Training, step: int, share_done: float) -> float:
    """Return the learning rate's factor: linear warm-up, plateau, linear fall to 0 (warm-up, stable, decay).

    >>> rate(Training(warmup=10, decay_share=0.5), step=100, share_done=0.75)
    0.5
    """
    warm = min(1.0, (step + 1) / max(1, settings.warmup))
    return warm * min(1.0, max(0.0, (1 - share_done) / settings.decay_share))


def _uses_bf16(settings: Training, device: torch.device) -> bool:
    if settings.precision != "auto":
        return settings.precision == "bf16"
    # Without instructions for it, a CPU is slower in bf16 than in float32.
    return device.type == "cuda" or bool(torch.cpu._is_avx512_bf16_supported())


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("data", type=Path, help="folder that prepare wrote")
    parser.add_argument("run", type=Path, help="folder for the checkpoint")
    parser.add_argument("--start", type=Path, help="model folder or emb.npy to start from")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    Trainer(read_config(args.config), args.data, args.run, args.start, args.device).train()


if __name__ == "__main__":
    main()
