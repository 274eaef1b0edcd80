"""Request and response bodies about setting up platforms."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, SecretStr
from pydantic.config import JsonDict

from presswork.api.http.body import In, Out, with_examples
from presswork.core.errors import FieldError, Invalid, Issue, IssueCode
from presswork.core.timestamps import Instant
from presswork.doctor import model
from presswork.platforms.names import LoginName
from presswork.platforms.port import AppCredentials
from presswork.platforms.registry import app_settings

_MAX_ID: Final = 200
_MAX_SECRET: Final = 500
_CHECK: Final[JsonDict] = {
    "result": "accepted",
    "message": "the platform accepts ID and secret",
    "checkedAt": "2026-11-24T18:30:00.000Z",
}
SETUP_EXAMPLE: Final[JsonDict] = {
    "platform": "tiktok",
    "state": "stored",
    "isConfigured": True,
    "isOptional": False,
    "idField": "clientKey",
    "variables": ["PRESSWORK_TIKTOK_CLIENT_KEY", "PRESSWORK_TIKTOK_CLIENT_SECRET"],
    "permissions": [
        {"name": "user.info.basic", "neededFor": []},
        {"name": "video.publish", "neededFor": ["publish"]},
        {"name": "video.upload", "neededFor": ["draft"]},
    ],
    "clientIdHint": "x7q2",
    "missing": [],
    "redirectUri": "https://presswork.example.com/oauth/callback/c",
    "webhookUrl": "https://presswork.example.com/webhooks/tiktok/live",
    "stored": {"clientIdHint": "x7q2", "updatedAt": "2026-11-24T18:30:00.000Z"},
    "check": _CHECK,
    "checks": [
        {
            "step": "public_url",
            "status": "fail",
            "message": "https://presswork.example.com/healthz answers 502.",
            "fix": "Check DNS, the certificate and the proxy, and that the API is running.",
        }
    ],
    "warnings": [],
}


class StoredCredentials(Out):
    """Credentials that are stored in the database, encrypted. They are never returned."""

    client_id_hint: str = Field(description="The end of the app's ID.")
    updated_at: Instant


class CredentialsCheck(Out):
    """The platform's last answer about the credentials that are in use."""

    model_config = with_examples(_CHECK)

    result: model.AppResult = Field(
        description="`unreachable`: the platform did not answer; `unsupported`: it has no call that checks an app without a login."
    )
    message: str
    checked_at: Instant


class RequestedPermission(Out):
    """A permission that the page of the login asks for. The app must have it."""

    name: str
    needed_for: list[model.PermissionUse] = Field(description="Empty: only the login itself uses it.")


class SetupCheck(Out):
    """What the last run of the checks found about one step of the set-up."""

    step: model.SetupStep = Field(
        description="`public_url`: platforms reach Presswork; `redirect_uri` and `webhook`: these URLs lead to it; "
        "`access`: it reaches the platform; `media`: the platform's crawlers can fetch media; `legal_pages` and `user_requests`: "
        "the review of the app finds the pages and URLs that it asks for."
    )
    status: Literal["ok", "warn", "fail"]
    message: str
    fix: str | None


class PlatformWarning(Out):
    """What should be known about the set-up of a platform."""

    code: model.AppWarning
    message: str


class PlatformSetup(Out):
    """How far a platform is set up for live projects. Test projects need none of it."""

    model_config = with_examples(SETUP_EXAMPLE)

    platform: LoginName = Field(description="`facebook` connects Instagram accounts by Facebook Login.")
    state: model.AppState = Field(
        description="Where the credentials of the app come from. The environment wins over stored ones."
    )
    is_configured: bool = Field(description="Whether nothing is missing for live logins.")
    is_optional: bool = Field(description="Whether many installations do not need this app.")
    id_field: Literal["clientId", "clientKey"] = Field(description="What the platform calls the app's ID.")
    variables: list[str] = Field(description="The settings that hold the app's ID and secret, if the environment does.")
    permissions: list[RequestedPermission]
    client_id_hint: str | None = Field(description="The end of the ID that is in use.")
    missing: list[str] = Field(description="Settings that are missing. Stored credentials stand in for the app's two.")
    redirect_uri: str | None = Field(
        description="Register it in the app exactly like this; null while PRESSWORK_PUBLIC_URL is not set."
    )
    webhook_url: str | None = Field(
        description="Register it in the app as the URL for webhooks; null for a platform that sends none, and as above."
    )
    stored: StoredCredentials | None
    check: CredentialsCheck | None = Field(description="null: the credentials in use have not been checked.")
    checks: list[SetupCheck] = Field(description="In the order of the steps; empty before the first run.")
    warnings: list[PlatformWarning]

    @classmethod
    def of(cls, setup: model.PlatformSetup) -> Self:
        """Convert a set-up of the domain."""
        stored = None
        if setup.stored_at is not None and setup.stored_hint is not None:
            stored = StoredCredentials(client_id_hint=setup.stored_hint, updated_at=setup.stored_at)
        check = setup.check
        return cls(
            platform=setup.login,
            state=setup.state,
            is_configured=setup.is_configured,
            is_optional=setup.is_optional,
            id_field="clientKey" if setup.id_field == "clientKey" else "clientId",
            variables=list(setup.variables),
            permissions=[
                RequestedPermission(name=one.name, needed_for=list(one.needed_for)) for one in setup.permissions
            ],
            client_id_hint=setup.client_id_hint,
            missing=list(setup.missing),
            redirect_uri=setup.redirect_uri,
            webhook_url=setup.webhook_url,
            stored=stored,
            check=None
            if check is None
            else CredentialsCheck(result=check.result, message=check.message, checked_at=check.checked_at),
            checks=[
                SetupCheck(
                    step=one.step, status=one.finding.status.value, message=one.finding.message, fix=one.finding.fix
                )
                for one in setup.checks
            ],
            warnings=[PlatformWarning(code=code, message=message) for code, message in setup.warnings.items()],
        )


def _require_visible(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise FieldError(
            "contains a space, a line break or another character that no platform uses. Copy it again.",
            IssueCode.INVALID_CHARACTER,
        )
    return text


def _visible_secret(secret: SecretStr) -> SecretStr:
    _require_visible(secret.get_secret_value())
    return secret


AppId = Annotated[str, Field(min_length=1, max_length=_MAX_ID), AfterValidator(_require_visible)]
AppSecret = Annotated[SecretStr, Field(min_length=1, max_length=_MAX_SECRET), AfterValidator(_visible_secret)]


class PlatformCredentials(In):
    """The credentials of the operator's app at a platform. TikTok calls the ID `clientKey`, the others `clientId`."""

    model_config = with_examples(
        {"clientId": "1234567890123456", "clientSecret": "0123456789abcdef0123456789abcdef"},
        {"clientKey": "awx7q2awx7q2awx7q2", "clientSecret": "0123456789abcdef0123456789abcdef"},
    )

    client_id: AppId | None = Field(default=None, description="The app's ID, for every login but `tiktok`.")
    client_key: AppId | None = Field(default=None, description="The app's client key, for `tiktok`.")
    client_secret: AppSecret = Field(description="The app's secret. It is stored encrypted and never returned.")

    def app(self, login: LoginName) -> AppCredentials:
        """Return the credentials for a platform. Raises Invalid if the ID has another name there."""
        given = {"clientId": self.client_id, "clientKey": self.client_key}
        own = app_settings(login).id_field
        issues = [
            Issue.at(name, f"does not belong to {login}. Send `{own}` instead.", IssueCode.UNKNOWN_FIELD)
            for name, value in given.items()
            if name != own and value is not None
        ]
        if not app_settings(login).variables:
            issues = [Issue.at("clientSecret", f"is not for {login}, which needs none.", IssueCode.INVALID_VALUE)]
        client_id = given[own]
        if client_id is None:
            issues.append(Issue.at(own, "is required. Add it.", IssueCode.REQUIRED))
        if client_id is None or issues:
            raise Invalid(issues)
        return AppCredentials(client_id=client_id, client_secret=self.client_secret.get_secret_value())
