"""Request and response bodies of the routes of platform apps."""

from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator
from pydantic.config import JsonDict

from presswork.accounts.model import AccountStatus, SocialAccount
from presswork.api.http.body import In, Name, Out, with_examples
from presswork.api.http.ids import AccountRef, PlatformAppRef, ProjectRef
from presswork.api.system.platform_schemas import AppId, AppSecret, CredentialsCheck
from presswork.apps import model
from presswork.apps.model import MAX_PROJECTS, AppChanges
from presswork.core.errors import FieldError, IssueCode
from presswork.core.timestamps import Instant
from presswork.doctor.checks.registered_urls import RegisteredUrls
from presswork.doctor.model import AppResult
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.port import AppCredentials
from presswork.platforms.registry import logins_of, logins_of_app, takes_customer_apps

_APP: Final = "app_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_SENT: Final[JsonDict] = {
    "platform": "instagram",
    "name": "Bakery Lindt",
    "clientId": "1234567890123456",
    "clientSecret": "0123456789abcdef0123456789abcdef",
}
_BASE: Final = "https://presswork.example.com"
EXAMPLE: Final[JsonDict] = {
    "id": _APP,
    "platform": "instagram",
    "name": "Bakery Lindt",
    "clientIdHint": "3456",
    "projectIds": None,
    "logins": ["instagram"],
    "accountCount": 3,
    "lastCheck": {
        "result": "accepted",
        "message": "the platform accepts ID and secret",
        "checkedAt": "2026-11-24T18:31:00.000Z",
    },
    "redirectUri": f"{_BASE}/oauth/callback/a",
    "webhookUrl": f"{_BASE}/webhooks/instagram/live/{_APP}",
    "webhookVerifyToken": "q3Jr1Qm0bVw6nYx2ZkT8uHc5LsEa9PdF",
    "deauthorizeUrl": f"{_BASE}/webhooks/meta/deauthorize/{_APP}",
    "dataDeletionUrl": f"{_BASE}/webhooks/meta/data-deletion/{_APP}",
    "createdAt": "2026-11-24T18:30:00.000Z",
    "updatedAt": "2026-11-24T18:30:00.000Z",
}


def _require_app(platform: PlatformName) -> PlatformName:
    if not takes_customer_apps(logins_of(platform)[0]):
        raise FieldError(
            "has no apps that customers register: this service itself is the app. Leave it out.",
            IssueCode.INVALID_VALUE,
        )
    return platform


def _require_different(projects: list[UUID]) -> list[UUID]:
    if len(set(projects)) < len(projects):
        raise FieldError("has a project twice. Send each once.", IssueCode.DUPLICATE_ID)
    return projects


_Projects = Annotated[list[ProjectRef], AfterValidator(_require_different), Field(max_length=MAX_PROJECTS)]
_PROJECTS_TEXT: Final = (
    "The projects whose logins use the app. null: all of the organization that have no app of this platform. An empty list: none, "
    "so that only the accounts that were connected with it use it."
)
_SECRET_TEXT: Final = "The app's secret. It is stored encrypted and never returned."  # noqa: S105  a description
_NAME_TEXT: Final = "Name for display, which errors of the app's accounts mention."


class NewPlatformApp(In):
    """An app that was registered with a platform."""

    model_config = with_examples(_SENT)

    platform: Annotated[PlatformName, AfterValidator(_require_app)] = Field(
        description="Where the app is registered. An app of `facebook` connects Pages, and Instagram accounts by Facebook Login."
    )
    name: Name = Field(description=_NAME_TEXT)
    client_id: AppId = Field(description="The app's ID; TikTok calls it client key.")
    client_secret: AppSecret = Field(description=_SECRET_TEXT)
    project_ids: _Projects | None = Field(default=None, description=_PROJECTS_TEXT)

    @property
    def app(self) -> AppCredentials:
        """The credentials."""
        return AppCredentials(client_id=self.client_id, client_secret=self.client_secret.get_secret_value())


class PlatformAppPatch(In):
    """Changes to an app. A field that is left out does not change."""

    model_config = with_examples({"clientSecret": "fedcba9876543210fedcba9876543210"}, {"projectIds": []})

    name: Name = Field(default_factory=str, description=_NAME_TEXT)
    client_id: AppId = Field(
        default_factory=str,
        description="Another app's ID, with its secret. Only while no account was connected with the former one.",
    )
    client_secret: AppSecret | None = Field(
        default=None, description=f"{_SECRET_TEXT} Alone, it is the new secret of the same app."
    )
    project_ids: _Projects | None = Field(default=None, description=_PROJECTS_TEXT)

    @model_validator(mode="after")
    def _require_complete(self) -> Self:
        sent = self.model_fields_set
        if not sent:
            raise FieldError("changes nothing. Send a field.", IssueCode.REQUIRED)
        if "client_id" in sent and self.client_secret is None:
            raise FieldError("has clientId without clientSecret. They belong together: send both.", IssueCode.REQUIRED)
        return self

    def changes(self) -> AppChanges:
        """Return the fields that were sent, as the domain has them."""
        sent = self.sent()
        secret = sent.pop("client_secret", None)
        changes = AppChanges(**sent)  # type: ignore[typeddict-item]  # checked fields
        if secret is not None:
            changes["client_secret"] = secret.get_secret_value()
        return changes


class PlatformApp(Out):
    """An app of a customer, without its secret, and what has to be registered in it."""

    model_config = with_examples(EXAMPLE)

    id: PlatformAppRef
    platform: PlatformName
    name: str
    client_id_hint: str = Field(description="The end of the app's ID.")
    project_ids: list[ProjectRef] | None = Field(description=_PROJECTS_TEXT)
    logins: list[LoginName] = Field(description="The logins that use it.")
    account_count: int = Field(description="How many accounts were connected with it, disconnected ones apart.")
    last_check: CredentialsCheck | None = Field(
        description="The last answer of `POST …/check`; null: none since the credentials were stored."
    )
    redirect_uri: str = Field(description="Register it in the app exactly like this.")
    webhook_url: str | None = Field(description="Register it as the URL for webhooks; null: the platform sends none.")
    webhook_verify_token: str | None = Field(
        description="Meta's apps: enter it as the verify token beside the URL for webhooks; null elsewhere."
    )
    deauthorize_url: str | None = Field(description="Meta's apps: register it as the deauthorize callback URL.")
    data_deletion_url: str | None = Field(description="Meta's apps: register it as the data deletion callback URL.")
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, app: model.PlatformApp, urls: RegisteredUrls) -> Self:
        """Convert an app of the domain with its URLs."""
        return cls(
            id=app.id,
            platform=PlatformName(app.login.value),
            name=app.name,
            client_id_hint=app.client_id_hint,
            project_ids=None if app.project_ids is None else list(app.project_ids),
            logins=list(logins_of_app(app.login)),
            account_count=app.account_count,
            last_check=None
            if app.last_check is None
            else CredentialsCheck(
                result=AppResult(app.last_check.result),
                message=app.last_check.message,
                checked_at=app.last_check.checked_at,
            ),
            redirect_uri=urls.redirect_uri,
            webhook_url=urls.webhook_url,
            webhook_verify_token=urls.webhook_verify_token,
            deauthorize_url=urls.deauthorize_url,
            data_deletion_url=urls.data_deletion_url,
            created_at=app.created_at,
            updated_at=app.updated_at,
        )


class AppAccount(Out):
    """An account that was connected with an app, or moves to it."""

    model_config = with_examples(
        {
            "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
            "projectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
            "platform": "instagram",
            "login": "instagram",
            "handle": "corner.bakery",
            "status": "connected",
            "platformAppId": None,
        }
    )

    social_account_id: AccountRef
    project_id: ProjectRef
    platform: PlatformName
    login: LoginName
    handle: str
    status: AccountStatus
    platform_app_id: PlatformAppRef | None = Field(
        description="The app that the account was connected with; null: the installation's."
    )

    @classmethod
    def of(cls, account: SocialAccount) -> Self:
        """Convert an account of the domain."""
        return cls(
            social_account_id=account.id,
            project_id=account.project_id,
            platform=account.platform,
            login=account.login,
            handle=account.handle,
            status=account.status,
            platform_app_id=account.app_id,
        )


class DeletedPlatformApp(Out):
    """An app that was deleted."""

    model_config = with_examples({"id": _APP, "deletedAt": "2026-11-24T18:32:00.000Z"})

    id: PlatformAppRef
    deleted_at: Instant
