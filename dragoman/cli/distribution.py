"""Who does the shards of a job: this process, several, or a Ray cluster; options and the choice."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dragoman.translate.shards import JobOptions, ShardDone


@dataclass(frozen=True, slots=True)
class Distribution:
    """What the options of `distribution_options` say; `actors` 0 is as many as there is room for."""

    jobs: int
    engine: str
    address: str | None
    actors: int

    def __post_init__(self) -> None:
        if self.engine != "ray" and (self.address is not None or self.actors):
            raise click.UsageError("--address and --actors go with --engine ray")
        if self.engine == "ray" and self.jobs > 1:
            raise click.UsageError("--jobs is of the local engine; --engine ray takes --actors")

    def run(self, out: Path, options: "JobOptions", stop: Callable[[], bool]) -> Iterator["ShardDone"]:
        """Do the planned shards with the chosen engine."""
        if self.engine == "ray":
            from dragoman.translate.ray_engine import run_ray

            return run_ray(out, options, n_actors=self.actors, address=self.address, stop=stop)
        from dragoman.translate.batch import run_job, run_parallel
        from dragoman.translate.options import BatchOptions
        from dragoman.translate.shards import run_in_turn

        if self.jobs == 1 and isinstance(options, BatchOptions):
            return run_job(out, options, stop=stop)
        if self.jobs == 1:
            return run_in_turn(out, options, stop=stop)
        return run_parallel(out, options, self.jobs, stop=stop)


def distribution_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options, and give the command a `Distribution` as `distribution` in their place."""

    @functools.wraps(command)
    def call(*, jobs: int, engine: str, address: str | None, actors: int, **others: object) -> None:
        command(distribution=Distribution(jobs, engine, address, actors), **others)

    for option in (
        click.option(
            "--actors",
            type=click.IntRange(min=0),
            default=0,
            help="Ray actors, each with a GPU or --threads CPUs (0: one); 0 (default) fills the cluster.",
        ),
        click.option("--address", help="Ray cluster: auto, or host:port; by default one of its own, here."),
        click.option(
            "--engine",
            type=click.Choice(["local", "ray"]),
            default="local",
            show_default=True,
            help="Who does the work; ray is this machine or a cluster.",
        ),
        click.option(
            "--jobs", type=click.IntRange(min=1), default=1, help="Processes, each with a model of its own."
        ),
    ):
        call = option(call)
    return call
