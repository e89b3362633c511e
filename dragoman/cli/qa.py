"""`dragoman qa`: what a reviewer should look at in a finished bitext."""

import sys

import click


@click.command()
@click.argument("bitext")
@click.option(
    "--from",
    "kind",
    type=click.Choice(["tmx", "xliff", "tsv", "jsonl"]),
    help="Format of the bitext; by default what its name ends in.",
)
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "tsv", "json"]),
    default="text",
    show_default=True,
    help="How to list the flags.",
)
@click.option("--glossary", type=click.Path(), help="Terms to check: CSV, TSV or TBX.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "never"]),
    default="error",
    show_default=True,
    help="Least severity that makes the exit code 1.",
)
def qa(bitext: str, kind: str | None, output: str, glossary: str | None, fail_on: str) -> None:
    """List doubtful translations of BITEXT (TMX, XLIFF, TSV or JSONL; "-" for standard input), worst first.

    Exit code 1 when there are errors (see --fail-on).
    """
    from dragoman.corpora.bitexts import read_bitext
    from dragoman.translate.glossary import read_glossary
    from dragoman.translate.qa import check_bitext
    from dragoman.translate.qa_list import has_severity, summary, write_findings

    units = read_bitext(bitext, kind=kind)
    findings = check_bitext(units, glossary=read_glossary(glossary) if glossary else None)
    write_findings(findings, sys.stdout, output=output)
    click.echo(summary(findings, len(units.units)), err=True)
    if has_severity(findings, fail_on):
        click.get_current_context().exit(1)
