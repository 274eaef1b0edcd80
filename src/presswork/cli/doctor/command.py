"""`presswork doctor`: check the installation and say how to fix what is wrong."""

import asyncio
from collections.abc import Sequence
from typing import Final

import typer
from rich.markup import escape

from presswork.cli.doctor.installation import examine_here
from presswork.cli.doctor.settings import refused_settings
from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import console, plain_refusals, print_json
from presswork.cli.run.setup import effective_settings, read_settings, set_up_admin
from presswork.doctor.model import Finding, Verdict, as_json_object

app: Final = typer.Typer(add_completion=False)

_MARKS: Final = {Verdict.OK: "[green]ok[/]  ", Verdict.WARN: "[yellow]warn[/]", Verdict.FAIL: "[bold red]FAIL[/]"}


@app.command()
def main(data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Check this installation and say how to fix what is wrong. Exit status 1 if anything does not work."""
    with plain_refusals(as_json=as_json):
        findings: Sequence[Finding] = refused_settings(effective_settings({}))
        if not findings:
            settings = read_settings(data_dir=data_dir)
            set_up_admin(settings)
            findings = asyncio.run(examine_here(settings)).findings
    is_well = all(finding.verdict is not Verdict.FAIL for finding in findings)
    if as_json:
        print_json({"ok": is_well, "checks": [as_json_object(finding) for finding in findings]})
    else:
        print_findings(findings)
    if not is_well:
        raise typer.Exit(1)


def print_findings(findings: Sequence[Finding]) -> None:
    """Print each finding with its fix, and their counts."""
    out = console()
    for finding in findings:
        out.print(f"{_MARKS[finding.verdict]}  [bold]{finding.name}[/]: {escape(finding.message)}")
        if finding.fix:
            out.print(f"      → {escape(finding.fix)}")
    counts = {verdict: sum(finding.verdict is verdict for finding in findings) for verdict in Verdict}
    out.print(
        f"\n{counts[Verdict.OK]} ok, {counts[Verdict.WARN]} warning(s), {counts[Verdict.FAIL]} failed", markup=False
    )
