"""`dragoman doctor`: what is installed, which models are here, what the machine can do, and what is wrong."""

import click


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Say in a screen what is installed, what is here and what is wrong; exit 1 when something is."""
    from dragoman.models.diagnosis import diagnose

    findings = diagnose()
    for finding in findings:
        mark = {"ok": "ok   ", "note": "note ", "wrong": "WRONG"}[finding.state]
        click.echo(f"{mark}  {finding.subject:14} {finding.text}")
    n_wrong = sum(finding.state == "wrong" for finding in findings)
    click.echo(f"{n_wrong} problem(s) found" if n_wrong else "nothing is wrong")
    if n_wrong:
        ctx.exit(1)
