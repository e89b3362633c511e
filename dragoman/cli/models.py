"""`dragoman models`: list, fetch, verify and convert models."""

import click


@click.group()
def models() -> None:
    """List, fetch, verify and convert models.

    A model is named by the catalogue (`dragoman models list`), by a folder in the Transformers layout, or by
    its id on the Hugging Face hub. Nothing is fetched but by `dragoman models get`.
    """


@models.command("list")
@click.option("--format", "output_format", type=click.Choice(["text", "jsonl"]), default="text")
def list_models(output_format: str) -> None:
    """List the models that dragoman knows, and which of them are on this machine."""
    import json

    from dragoman.models.state import states

    for state in states():
        if output_format == "jsonl":
            click.echo(json.dumps(state.as_dict(), ensure_ascii=False))
        else:
            click.echo(state.line())


@models.command()
@click.argument("name")
def show(name: str) -> None:
    """Show what is known about a model, and about its files here."""
    from dragoman.models.state import describe

    click.echo("\n".join(describe(name)))


@models.command()
@click.argument("name")
@click.option(
    "--revision", default="", help="Commit, tag or branch; else the catalogue's pin, or the newest."
)
@click.option("--allow-pickle", is_flag=True, help="Take pickled weights for a model outside the catalogue.")
def get(name: str, revision: str, allow_pickle: bool) -> None:
    """Fetch a model into the cache, check it and record its hashes."""
    from dragoman.models.fetching import fetch

    folder = fetch(name, revision=revision, allow_pickle=allow_pickle, step=_tell)
    click.echo(str(folder.path))


@models.command()
@click.argument("name")
@click.pass_context
def verify(ctx: click.Context, name: str) -> None:
    """Read every file of a model and compare its SHA-256; exit 1 when one is wrong or missing."""
    from dragoman.models.catalog import resolve
    from dragoman.models.catalog import verify as verify_files

    checks = verify_files(resolve(name))
    for check in checks:
        click.echo(f"{check.state:8} {check.sha256 or '-':64} {check.file}")
    if any(check.state in ("wrong", "missing") for check in checks):
        ctx.exit(1)


@models.command()
@click.argument("name")
@click.option(
    "--compute-type",
    type=click.Choice(["int8", "int8_float16", "float32", "float16", "bfloat16"]),
    default="int8",
    show_default=True,
    help="How weights are kept: int8 for a CPU, float16 for a GPU.",
)
@click.option("--force", is_flag=True, help="Convert again even if it is there.")
def convert(name: str, compute_type: str, force: bool) -> None:
    """Convert a model for CTranslate2 and test it; `translate` does so by itself at first use."""
    from dragoman.models.catalog import resolve
    from dragoman.models.conversion import convert as convert_model

    click.echo(str(convert_model(resolve(name), compute_type, force=force, step=_tell)))


def _tell(message: str) -> None:
    click.echo(message, err=True)
