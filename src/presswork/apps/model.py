"""The credentials of platform apps: where they come from, by what their owner recognizes them, and the apps of customers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypedDict
from uuid import UUID

from presswork.core.errors import Conflict, NotFound
from presswork.core.ids import PLATFORM_APP, PROJECT, public_id
from presswork.platforms.names import LoginName

HINT_CHARACTERS: Final = 4
MAX_APPS: Final = 5_000
"""The most apps of an organization in one environment."""
MAX_PROJECTS: Final = 500
"""The most projects that an app names."""


class AppSource(StrEnum):
    """Where the credentials of an app come from."""

    ENVIRONMENT = "environment"
    STORED = "stored"


def hint_of(client_id: str) -> str:
    """Return the end of an app's ID, by which its owner recognizes it. Short IDs show half of it at most."""
    shown = min(HINT_CHARACTERS, len(client_id) // 2)
    return client_id[len(client_id) - shown :]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformApp:
    """An app at a platform that a customer registered. Its credentials are stored sealed, and never shown. Instants in UTC."""

    id: UUID
    login: LoginName
    """The first login of the app (`registry.app_owner`)."""
    name: str
    client_id_hint: str
    project_ids: tuple[UUID, ...] | None
    """The projects whose logins use it, or None for every project of the organization without an app of this kind."""
    account_count: int
    """How many accounts hold it, disconnected ones apart."""
    created_at: datetime
    updated_at: datetime


class AppChanges(TypedDict, total=False):
    """What is changed in an app. `client_id` comes only with `client_secret`."""

    name: str
    project_ids: Sequence[UUID] | None
    client_id: str
    client_secret: str


class AppNotFound(NotFound):
    """There is no such app, or the caller does not see it."""

    sentence = "There is no such platform app. List those of the organization with GET /v1/platform-apps."


class PlaceTaken(Conflict):
    """Another app of the platform is used at the same place."""

    def __init__(self, app_id: UUID | None, project_id: UUID | None) -> None:
        place = "in one of these projects" if project_id else "in the whole organization"
        super().__init__(
            f"Another app of this platform is used {place} already. Change that one, or take the place from it with projectIds.",
            reason="place_taken",
            platformAppId=None if app_id is None else public_id(PLATFORM_APP, app_id),
            projectId=None if project_id is None else public_id(PROJECT, project_id),
        )


class AppInUse(Conflict):
    """Accounts hold the app: their tokens are worth nothing without it."""

    def __init__(self, accounts: int) -> None:
        super().__init__(
            f"Accounts are connected with this app ({accounts:,}). Send projectIds [] so that logins use another app, and connect "
            "these accounts again, or disconnect them.",
            reason="app_in_use",
            accounts=accounts,
        )


class TooManyApps(Conflict):
    """The organization has as many apps as it may have."""

    def __init__(self) -> None:
        super().__init__(
            f"This organization has {MAX_APPS:,} platform apps, and no more are possible. Delete some.",
            reason="too_many_platform_apps",
            limit=MAX_APPS,
        )
