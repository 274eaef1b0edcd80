"""What a check of `presswork doctor` has found."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check came out; only `fail` means that something does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's outcome: what was found, and what to do about it where that is anything."""

    name: str
    verdict: Verdict
    message: str
    fix: str | None = None


def ok(name: str, message: str) -> Finding:
    """Nothing is to be done."""
    return Finding(name=name, verdict=Verdict.OK, message=message)


def warn(name: str, message: str, fix: str) -> Finding:
    """It works, and something is better known or mended."""
    return Finding(name=name, verdict=Verdict.WARN, message=message, fix=fix)


def fail(name: str, message: str, fix: str) -> Finding:
    """Something does not work."""
    return Finding(name=name, verdict=Verdict.FAIL, message=message, fix=fix)
