"""Progress of long work on stderr: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from types import TracebackType
from typing import Self

_SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Counts what is done of `total` things; a context manager."""

    def __init__(self, unit: str, total: int) -> None:
        self._unit = unit
        self._total = total
        self._n_done = 0
        self._start = self._last = time.monotonic()
        self._bar = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                TextColumn(unit),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._task = self._bar.add_task(unit, total=total, rate="")

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, n: int) -> None:
        """Count `n` more things as done."""
        self._n_done += n
        now = time.monotonic()
        rate = self._n_done / max(1e-9, now - self._start)
        if self._bar is not None:
            self._bar.update(self._task, advance=n, rate=f"{rate:.1f}/s")
        elif now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            left = (self._total - self._n_done) / rate
            line = f"{self._n_done}/{self._total} {self._unit}, {rate:.1f}/s, {left:.0f} s left"
            print(line, file=sys.stderr, flush=True)

    def note(self, message: str) -> None:
        """Show a line without disturbing the bar."""
        if self._bar is not None:
            self._bar.console.print(message, markup=False, highlight=False)
        else:
            print(message, file=sys.stderr, flush=True)
