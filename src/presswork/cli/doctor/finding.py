"""The result of one check of `presswork doctor`."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Result of a check. Only `fail` means that something does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found, and what to do about it if anything."""

    name: str
    verdict: Verdict
    message: str
    fix: str | None = None


def ok(name: str, message: str) -> Finding:
    """Return a finding that needs no action."""
    return Finding(name=name, verdict=Verdict.OK, message=message)


def warn(name: str, message: str, fix: str) -> Finding:
    """Return a finding about something that works, but should be known or fixed."""
    return Finding(name=name, verdict=Verdict.WARN, message=message, fix=fix)


def fail(name: str, message: str, fix: str) -> Finding:
    """Return a finding about something that does not work."""
    return Finding(name=name, verdict=Verdict.FAIL, message=message, fix=fix)


def as_json_object(finding: Finding) -> dict[str, str | None]:
    """Return a finding as the commands print it with --json."""
    return {
        "name": finding.name,
        "status": finding.verdict.value,
        "message": finding.message,
        "fix": finding.fix,
    }
