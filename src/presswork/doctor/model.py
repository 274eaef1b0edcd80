"""What is known about an installation: the findings of its checks, and the responses of platforms about its apps. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from presswork.apps.model import AppSource
from presswork.core.errors import Code, PressworkError
from presswork.platforms.names import LoginName


class CheckStatus(StrEnum):
    """Result of a check. Only `fail` means that something does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found, and what to do about it if anything."""

    name: str
    status: CheckStatus
    message: str
    fix: str | None = None


def ok(name: str, message: str) -> Finding:
    """Return a finding that needs no action."""
    return Finding(name=name, status=CheckStatus.OK, message=message)


def warn(name: str, message: str, fix: str) -> Finding:
    """Return a finding about something that works, but should be known or fixed."""
    return Finding(name=name, status=CheckStatus.WARN, message=message, fix=fix)


def fail(name: str, message: str, fix: str) -> Finding:
    """Return a finding about something that does not work."""
    return Finding(name=name, status=CheckStatus.FAIL, message=message, fix=fix)


def as_json_object(finding: Finding) -> dict[str, str | None]:
    """Return a finding as the commands print it with --json."""
    return {
        "name": finding.name,
        "status": finding.status.value,
        "message": finding.message,
        "fix": finding.fix,
    }


class AppResult(StrEnum):
    """What a platform answers when it is asked whether it accepts an app."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNSUPPORTED = "unsupported"  # it has no call that checks an app without a login


@dataclass(frozen=True, slots=True, kw_only=True)
class AppResponse:
    """The response of a platform about an app, with a sentence for people."""

    result: AppResult
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCheck:
    """A stored response, and the credentials that it is about."""

    login: LoginName
    source: AppSource
    client_id_hint: str
    result: AppResult
    message: str
    checked_at: datetime  # UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """The result of all checks."""

    findings: Sequence[Finding]
    app_responses: Mapping[LoginName, AppResponse]
    """Of the platforms whose app is configured."""
    sources: Mapping[LoginName, tuple[AppSource, str]]
    """Where these apps come from, and the hints of their IDs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRun:
    """A finished run of the checks. Times in UTC."""

    started_at: datetime
    finished_at: datetime
    host: str
    findings: Sequence[Finding]
    media_files: int | None
    media_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerState:
    """A worker with a recent heartbeat; None if it runs a version that does not report the value."""

    id: str
    version: str | None
    started_at: datetime  # UTC
    seen_at: datetime  # UTC
    posts_in_progress: int | None
    concurrency: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that `presswork backup` has written. Times in UTC."""

    taken_at: datetime
    finished_at: datetime
    file: str
    host: str
    size_bytes: int
    has_keys: bool
    media: str

    def is_old(self, now: datetime) -> bool:
        """Whether a newer one should exist."""
        return now - self.taken_at > BACKUP_IS_OLD_AFTER


BACKUP_IS_OLD_AFTER: Final = timedelta(days=2)


class NotFirstOrganization(PressworkError):
    """The caller administers an organization, but not the installation."""

    code: ClassVar[Code] = Code.FORBIDDEN_SCOPE
    sentence = (
        "This is about the whole installation, which only the administrators of its first organization see. Use a key with "
        "org:admin of that organization: `presswork org list` shows it first."
    )


class UnknownPlatform(PressworkError):
    """There is no such platform."""

    code: ClassVar[Code] = Code.NOT_FOUND

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no platform {name[:50]!r}. Send one of {', '.join(LoginName)}.")


class AppState(StrEnum):
    """Where the credentials of an app come from, or that there are none."""

    ENVIRONMENT = "environment"
    STORED = "stored"
    MISSING = "missing"


class AppWarning(StrEnum):
    """What the people who run an installation should know about the set-up of a platform."""

    ENVIRONMENT_WINS = "environment_wins"
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    NOT_CHECKED = "not_checked"


class PermissionUse(StrEnum):
    """What a permission is needed for, beyond the login itself."""

    PUBLISH = "publish"
    DRAFT = "draft"
    FIRST_COMMENT = "first_comment"
    INSIGHTS = "insights"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """A permission that the app of a login must have."""

    name: str
    needed_for: Sequence[PermissionUse]


class SetupStep(StrEnum):
    """A step of setting up a platform that a check can tell something about. In their order."""

    PUBLIC_URL = "public_url"
    REDIRECT_URI = "redirect_uri"
    WEBHOOK = "webhook"
    ACCESS = "access"
    MEDIA = "media"
    LEGAL_PAGES = "legal_pages"
    USER_REQUESTS = "user_requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupCheck:
    """A finding of the last run about one step."""

    step: SetupStep
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSetup:
    """How far a platform is set up for live projects, by one of its logins."""

    login: LoginName
    state: AppState
    id_field: str
    is_optional: bool
    missing: Sequence[str]
    """Variables without which live projects can't connect accounts."""
    variables: Sequence[str]
    """The variables of the environment that hold the ID and the secret of the app."""
    permissions: Sequence[Permission]
    client_id_hint: str | None
    redirect_uri: str | None
    webhook_url: str | None
    stored_hint: str | None
    stored_at: datetime | None  # UTC
    check: AppCheck | None
    """The platform's last answer about the credentials that are in use."""
    checks: Sequence[SetupCheck]
    """What the last run of the checks found about the steps of this set-up."""
    warnings: Mapping[AppWarning, str]
    """By what they are about, with a sentence for each."""

    @property
    def is_configured(self) -> bool:
        """Whether nothing is missing for live logins."""
        return not self.missing
