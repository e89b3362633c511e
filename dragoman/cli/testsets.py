"""`dragoman testsets`: public and local test sets by name."""

from pathlib import Path

import click


@click.group()
def testsets() -> None:
    r"""List test sets, fetch them when asked to, and find their files.

    \b
    dragoman testsets get flores200-dev
    dragoman score out.txt -r "$(dragoman testsets path flores200-dev ref)"
    """


@testsets.command("list")
def list_() -> None:
    """List the known test sets: name, whether it is here, segments, licence, title, home."""
    from dragoman.eval.testsets import known_testsets

    for testset in known_testsets():
        here = "here" if testset.is_present else "-"
        segments = str(testset.segments or "-")
        click.echo("\t".join([testset.name, here, segments, testset.licence, testset.title, testset.home]))


@testsets.command()
@click.argument("name")
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, path_type=Path),
    help="Folder or tar archive that holds the files already.",
)
def get(name: str, source: Path | None) -> None:
    """Put the files of test set NAME into their folder, from its publisher or --from a local place."""
    from dragoman.eval.testsets import find_testset
    from dragoman.eval.testsets import get as get_testset

    testset = find_testset(name)
    click.echo(f"{testset.title}; licence: {testset.licence}; {testset.home}", err=True)
    for path in get_testset(name, source=source):
        click.echo(path)


@testsets.command()
@click.argument("name")
@click.argument("side", default="src")
def path(name: str, side: str) -> None:
    """Print the path of one SIDE (src, ref, ref2 …) of test set NAME."""
    from dragoman.eval.testsets import path_of

    click.echo(path_of(name, side))
