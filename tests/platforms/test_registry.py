"""Which delivery channels each environment offers, by the settings."""

import pytest
from tests.platforms.rows import each_row

from presswork.core.enums import Environment, Mode
from presswork.core.errors import Unavailable
from presswork.platforms.names import LoginName
from presswork.platforms.registry import Platforms
from presswork.platforms.settings import Settings

APP = {
    "public_url": "https://presswork.example.com",
    "sandbox": True,
    "instagram_client_id": "1",
    "instagram_client_secret": "x",
}
TEXTS = {"sms_account_sid": "AC1", "sms_auth_token": "x", "sms_from": "+15005550006"}


def platforms(**settings: object) -> Platforms:
    """Return the platforms of an installation with these settings."""
    return Platforms(Settings(_env_file=None, **settings), base_url="http://127.0.0.1:1")  # type: ignore[arg-type]  # of many types


@each_row("missing", sorted(TEXTS))
def test_live_drafts_by_text_need_the_text_service_and_nothing_else_does(missing: str) -> None:
    """Without one of its settings, a live draft on Instagram is unavailable and the error names the setting."""
    given = {name: value for name, value in TEXTS.items() if name != missing}
    known = platforms(**APP, **given)
    unavailable = known.unavailable(Environment.LIVE)
    setting = f"PRESSWORK_{missing.upper()}"
    assert unavailable[LoginName.INSTAGRAM, Mode.DRAFT].details == {"setting": setting}
    assert (LoginName.INSTAGRAM, Mode.PUBLISH) not in unavailable
    assert (LoginName.INSTAGRAM, Mode.DRAFT) not in known.unavailable(Environment.TEST)
    with pytest.raises(Unavailable, match=setting):
        known.sms_gateway(Environment.LIVE)


def test_live_drafts_by_text_are_a_lane_of_their_own() -> None:
    """With the settings, a live draft is offered, needs no permission, and does not block other posts."""
    platform = platforms(**APP, **TEXTS).get(LoginName.INSTAGRAM, Environment.LIVE)
    assert platform.channel(Mode.DRAFT).has_own_lane
    assert platform.required_scopes[Mode.DRAFT] == frozenset()
    assert not platform.channel(Mode.PUBLISH).has_own_lane


def test_without_a_sandbox_test_projects_have_no_texts() -> None:
    """With the sandbox off, text messages of test projects name that setting."""
    with pytest.raises(Unavailable, match="sandbox"):
        platforms(sandbox=False).sms_gateway(Environment.TEST)


def test_the_token_is_shown_nowhere() -> None:
    """Neither the settings nor the objects built from them print the auth token."""
    settings = Settings(_env_file=None, **{**APP, **TEXTS, "sms_auth_token": "s3cret"})  # type: ignore[arg-type]  # of many types
    texts = Platforms(settings, base_url="http://127.0.0.1:1").sms_gateway(Environment.LIVE)
    assert "s3cret" not in f"{settings!r} {texts!r} {vars(texts)['_access']!r}"
