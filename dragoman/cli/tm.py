"""`dragoman tm`: translation memories in, out, together."""

from pathlib import Path

import click


@click.group()
def tm() -> None:
    """Import, export, merge and count translation memories."""


_MEMORY = click.argument("memory", type=click.Path(path_type=Path, dir_okay=False))
_LANGUAGES = (
    click.option("--src-lang", default="ar", show_default=True, help="Source language."),
    click.option("--tgt-lang", default="en", show_default=True, help="Target language."),
)


@tm.command("import")
@_MEMORY
@click.argument("bitexts", nargs=-1, required=True)
@click.option(
    "--origin",
    type=click.Choice(["human", "aligned"]),
    default="human",
    show_default=True,
    help="Who made translations whose file does not say.",
)
@_LANGUAGES[0]
@_LANGUAGES[1]
def import_(memory: Path, bitexts: tuple[str, ...], origin: str, src_lang: str, tgt_lang: str) -> None:
    """Learn the BITEXTS (TMX, XLIFF, TSV, JSONL) into MEMORY.

    Machine translations that nobody has confirmed or edited are left out.
    """
    from dragoman.corpora.bitexts import read_bitext
    from dragoman.corpora.memory import Memory

    with Memory(memory, src_lang=src_lang, tgt_lang=tgt_lang) as opened:
        for path in bitexts:
            bitext = read_bitext(path, src_lang=src_lang, tgt_lang=tgt_lang)
            added = opened.add(bitext.units, default_origin=origin)
            click.echo(f"{path}: {added.n_new} new, {added.n_known} known, {added.n_skipped} left out")


@tm.command()
@_MEMORY
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
@_LANGUAGES[0]
@_LANGUAGES[1]
def export(memory: Path, output: Path, src_lang: str, tgt_lang: str) -> None:
    """Write the translations of people in MEMORY to OUTPUT (.tmx, .xlf, .tsv or .jsonl)."""
    from dragoman.corpora.bitexts import write_bitext
    from dragoman.corpora.memory import Memory
    from dragoman.units import Bitext

    with Memory(memory, src_lang=src_lang, tgt_lang=tgt_lang, must_exist=True) as opened:
        units = tuple(opened.units())
    n_dropped = write_bitext(Bitext(units, src_lang, tgt_lang, memory.stem), output)
    click.echo(f"{output}: {len(units)} units")
    if n_dropped:
        click.echo(f"{n_dropped} characters that {output.suffix} cannot hold were dropped", err=True)


@tm.command()
@_MEMORY
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", help="How to print.")
def stats(memory: Path, output: str) -> None:
    """Count what MEMORY holds."""
    import json
    from dataclasses import asdict

    from dragoman.corpora.memory import Memory

    with Memory(memory, must_exist=True) as opened:
        counts = asdict(opened.stats())
    if output == "json":
        click.echo(json.dumps(counts))
        return
    for name, value in counts.items():
        click.echo(f"{name.removeprefix('n_')}: {', '.join(value) if isinstance(value, tuple) else value}")


@tm.command()
@_MEMORY
@click.argument("others", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@_LANGUAGES[0]
@_LANGUAGES[1]
def merge(memory: Path, others: tuple[Path, ...], src_lang: str, tgt_lang: str) -> None:
    """Add everything that the OTHERS know to MEMORY."""
    from dragoman.corpora.memory import Memory

    with Memory(memory, src_lang=src_lang, tgt_lang=tgt_lang) as opened:
        for path in others:
            with Memory(path, src_lang=src_lang, tgt_lang=tgt_lang, must_exist=True) as other:
                added = opened.merge(other)
            click.echo(f"{path}: {added.n_new} new, {added.n_known} known")
