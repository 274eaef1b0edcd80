"""`presswork doctor`: check the installation and say how to fix what is wrong."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from rich.markup import escape

from presswork.cli.administration import read_id
from presswork.cli.command import Commands, Output, on_machine
from presswork.cli.doctor.installation import examine_here
from presswork.cli.options import DataDir, option
from presswork.cli.output import console
from presswork.cli.run.setup import EffectiveSettings, effective_settings, read_settings, set_up_admin, variable_of
from presswork.core.ids import PLATFORM_APP
from presswork.doctor.model import CheckStatus, Finding, as_json_object, fail
from presswork.platforms.settings import SettingValues

commands: Final = Commands(on_machine)

_MARKS: Final = {
    CheckStatus.OK: "[green]ok[/]  ",
    CheckStatus.WARN: "[yellow]warn[/]",
    CheckStatus.FAIL: "[bold red]FAIL[/]",
}


@commands.command("doctor")
def main(
    data_dir: DataDir,
    app: str | None = option("--app APP", "Of the platform apps of customers, check this one only: app_…."),
) -> Output:
    """Check this installation and say how to fix what is wrong. Exit status 1 if anything does not work."""
    app_id = None if app is None else read_id(PLATFORM_APP, app, "app")
    findings: Sequence[Finding] = _find_refused(effective_settings({}))
    if not findings:
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        findings = asyncio.run(examine_here(settings, app_id=app_id)).findings
    return report(findings, {})


def report(findings: Sequence[Finding], facts: Mapping[str, str]) -> Output:
    """Return findings with their fixes and counts, and other facts for JSON. The status is 1 if anything does not work."""
    counts = Counter(finding.status for finding in findings)

    def show(**_: bool) -> None:
        out = console()
        for finding in findings:
            out.print(f"{_MARKS[finding.status]}  [bold]{finding.name}[/]: {escape(finding.message)}")
            if finding.fix:
                out.print(f"      → {escape(finding.fix)}")
        summary = (
            f"{counts[CheckStatus.OK]} ok, {counts[CheckStatus.WARN]} warning(s), {counts[CheckStatus.FAIL]} failed"
        )
        out.print(f"\n{summary}", markup=False)

    is_well = counts[CheckStatus.FAIL] == 0
    document = {"ok": is_well, **facts, "checks": [as_json_object(finding) for finding in findings]}
    return Output(document=document, show=show, status=0 if is_well else 1)


def _find_refused(found: EffectiveSettings) -> list[Finding]:
    """Return a finding about each setting that is refused. Nothing else can be checked until they are corrected."""
    misspelt = [
        fail(f"setting {name}", sentence, "Correct the name, or remove the variable.")
        for name, sentence in found.unknown.items()
    ]
    return misspelt + [
        fail(
            f"setting {variable_of(name)}",
            sentence,
            f"Correct it in the environment or .env, or remove it to use the default: {_describe_default(name)}.",
        )
        for name, sentence in found.refused.items()
    ]


def _describe_default(name: str) -> str:
    default = SettingValues.model_fields[name].get_default(call_default_factory=True)
    if default is None:
        return "unset"
    return f"{default.total_seconds():.12g}" if hasattr(default, "total_seconds") else str(default)
