"""The `dragoman` command: a group whose commands are imported only when they are called.

`COMMANDS` maps a command's name to the module of this package that defines it (as a click command of the same
name) and to its line in `--help`, so that `--help` imports nothing heavy. Exit codes: 0 done, 1 failed or
refused, 2 usage, 130 interrupted.
"""

import importlib
import os
import sys
from collections.abc import Sequence

import click

from dragoman.errors import DragomanError

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("run", "Translate, align, score and report one article."),
    "batch": ("batch", "Translate many documents as one job that can be resumed."),
    "segment": ("segment", "Split text into sentences, one a line."),
    "translate": ("translate", "Translate text, one segment a line."),
    "align": ("align", "Align the sentences of two texts."),
    "score": ("score", "BLEU, chrF++ and TER with signatures."),
    "compare": ("compare", "Compare systems with paired tests; exit 1 on a significant loss."),
    "eval": ("eval", "Hold the project's own quality floors, measure risk without references."),
    "testsets": ("testsets", "List public test sets and find them on disk."),
    "qa": ("qa", "List doubtful translations of a bitext, worst first."),
    "tm": ("tm", "Import, export, merge and count translation memories."),
    "models": ("models", "List, fetch, verify and convert models."),
    "bench": ("bench", "Measure translation speed here, and remember the best division of threads."),
    "doctor": ("doctor", "Say what is installed, what is here and what is wrong."),
}


class LazyGroup(click.Group):
    """A click group that knows its commands' names and help lines without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command, None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"dragoman.cli.{COMMANDS[cmd_name][0]}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands and their help lines from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


class _Root(LazyGroup):
    """The one place that turns a DragomanError into a line on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except DragomanError as error:
            raise click.ClickException(" ".join(str(error).split())) from error
        except click.NoSuchOption as error:
            if error.option_name.startswith("--"):
                raise
            hint = "a file whose name begins with a dash is given as ./-… or after --"
            raise click.UsageError(f"{error.format_message()} ({hint})", error.ctx) from error
        except BrokenPipeError:
            # The reader of our output has gone (`dragoman … | head`): not an error of ours.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)


@click.group(cls=_Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dragoman")
def dragoman() -> None:
    """Arabic articles to reviewed English: segment, translate, align, score.

    Every command reads "-" as standard input; machine output goes to standard output, progress and messages
    to standard error.
    """


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line (the console script's entry point)."""
    dragoman.main(args=args)
