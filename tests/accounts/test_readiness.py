"""Readiness of an account for each mode."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from presswork.accounts.model import MANAGED_TEMPLATE, AccountStatus, NotReady, managed_not_ready
from presswork.accounts.readiness import readiness
from presswork.platforms.names import LoginName
from presswork.platforms.port import Mode, Platform
from presswork.platforms.registry import Platforms
from presswork.platforms.settings import Settings

NEEDS: Mapping[Mode, frozenset[str]] = {
    Mode.PUBLISH: frozenset({"basic", "publish"}),
    Mode.DRAFT: frozenset(),
    Mode.MANAGED: frozenset(),
}


@pytest.fixture
def platform(settings: Settings) -> Platform:
    """A platform that supports publishing and drafts."""
    known = Platforms(settings, base_url="http://127.0.0.1:1").described()
    return replace(known[LoginName.TIKTOK], required_scopes=NEEDS)


@pytest.mark.parametrize(
    ("status", "scopes", "lack", "publish", "draft", "managed"),
    [
        (
            AccountStatus.CONNECTED,
            {"basic", "publish"},
            NotReady.NO_MANAGED_LAYER,
            None,
            None,
            NotReady.NO_MANAGED_LAYER,
        ),
        (AccountStatus.CONNECTED, {"basic", "publish"}, None, None, None, None),
        (AccountStatus.CONNECTED, {"basic"}, None, NotReady.MISSING_PERMISSION, None, None),
        (AccountStatus.REAUTH_REQUIRED, {"basic", "publish"}, None, *[NotReady.REAUTH_REQUIRED] * 3),
        (AccountStatus.REAUTH_REQUIRED, set(), NotReady.NO_MANAGED_LAYER, *[NotReady.REAUTH_REQUIRED] * 3),
        (AccountStatus.DISCONNECTED, {"basic", "publish"}, None, *[NotReady.DISCONNECTED] * 3),
    ],
)
def test_each_mode_has_its_readiness(
    platform: Platform,
    status: AccountStatus,
    scopes: set[str],
    lack: NotReady | None,
    publish: NotReady | None,
    draft: NotReady | None,
    managed: NotReady | None,
) -> None:
    """Each mode has its own readiness; of several reasons the most lasting one is returned."""
    verdicts = readiness(platform, status=status, scopes=scopes, managed=lack)
    assert {mode: verdict.reason for mode, verdict in verdicts.items()} == {
        Mode.PUBLISH: publish,
        Mode.DRAFT: draft,
        Mode.MANAGED: managed,
    }


def test_missing_permissions_are_listed(platform: Platform) -> None:
    """Permissions that were not granted are listed in order."""
    verdict = readiness(platform, status=AccountStatus.CONNECTED, scopes=set(), managed=None)[Mode.PUBLISH]
    assert verdict.missing_scopes == ("basic", "publish")


def test_unsupported_mode_is_unavailable(platform: Platform) -> None:
    """A mode that the platform does not support is unavailable, whatever the account's state."""
    bare = replace(platform, required_scopes={Mode.PUBLISH: frozenset[str]()})
    for status in AccountStatus:
        assert (
            readiness(bare, status=status, scopes=set(), managed=None)[Mode.DRAFT].reason is NotReady.MODE_UNAVAILABLE
        )


def test_unconfigured_platform_is_unavailable(platform: Platform) -> None:
    """Without app credentials a connected account has the reason platform_unavailable."""
    verdicts = readiness(
        platform,
        status=AccountStatus.CONNECTED,
        scopes={"basic", "publish"},
        managed=None,
        unavailable={Mode.PUBLISH},
    )
    assert verdicts[Mode.PUBLISH].reason is NotReady.PLATFORM_UNAVAILABLE
    assert verdicts[Mode.DRAFT].is_ready


@pytest.mark.parametrize(
    ("template", "is_provider_known", "lack"),
    [
        (None, False, NotReady.NO_MANAGED_LAYER),
        (uuid4(), True, NotReady.NO_MANAGED_LAYER),
        (MANAGED_TEMPLATE, False, NotReady.NO_MANAGED_PROVIDER),
        (MANAGED_TEMPLATE, True, None),
    ],
)
def test_managed_mode_requires_a_layer_with_a_provider(
    template: UUID | None, is_provider_known: bool, lack: NotReady | None
) -> None:
    """The managed mode requires a layer of the managed template with a configured provider."""
    assert managed_not_ready(template, is_provider_known=is_provider_known) is lack
