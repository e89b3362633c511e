"""Ctrl-C in the middle of a job: once to end it after the current shard, twice to end it at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def stopping() -> Iterator[list[int]]:
    """Let Ctrl-C end the job after the current shard; a second one ends it at once."""
    seen: list[int] = []

    def remember(number: int, _: object) -> None:
        if seen:
            raise KeyboardInterrupt
        seen.append(number)
        click.echo("stopping after the current shard …", err=True)

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)
