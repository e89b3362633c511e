"""The command group: help without imports, errors as one line, exit codes."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from dragoman.cli import COMMANDS, dragoman


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_of_the_table_exists_and_explains_itself(name: str) -> None:
    result = CliRunner().invoke(dragoman, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage: dragoman" in result.output


def test_help_imports_no_command_and_no_library() -> None:
    code = (
        "import sys; from dragoman.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = [m for m in sys.modules if m.split('.')[0] in ('torch', 'numpy', 'lxml', 'rich')]\n"
        "commands = [m for m in sys.modules if m.startswith('dragoman.cli.')]\n"
        "print(heavy + commands)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def test_an_unknown_command_is_a_usage_error() -> None:
    result = CliRunner().invoke(dragoman, ["translte"])
    assert result.exit_code == 2
    assert "translte" in result.stderr


def test_a_refused_input_is_one_line_and_exit_code_1() -> None:
    result = CliRunner().invoke(dragoman, ["segment", "no/such/file.txt"])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "no/such/file.txt" in result.stderr
    assert result.stdout == ""


def test_commands_are_click_commands_named_as_in_the_table() -> None:
    context = click.Context(dragoman)
    for name in COMMANDS:
        command = dragoman.get_command(context, name)
        assert command is not None
        assert command.name == name
