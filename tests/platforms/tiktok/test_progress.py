"""Polling and stored state: how often TikTok is polled, and what a post stores about its upload."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue
from tests.platforms.rows import each_row

from presswork.platforms import plugin
from presswork.platforms.json_values import instant_of as instant
from presswork.platforms.port import AppCredentials, RetryPolicy, Tokens
from presswork.platforms.settings import Settings
from presswork.platforms.tiktok.api import Endpoints
from presswork.platforms.tiktok.plugin import PLUGIN, tiktok
from presswork.platforms.tiktok.video import Upload
from presswork.platforms.transport import Transport

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
RETRY_POLICIES = [
    plugin.live_retry_policy(Settings()),
    PLUGIN.description.test_policy(plugin.test_retry_policy(Settings())),
]


@each_row("retry_policy", RETRY_POLICIES)
def test_polls_stay_below_the_minute_limit(retry_policy: RetryPolicy) -> None:
    """However long a post takes, it makes at most 30 status calls a minute, with room for one more reader."""
    at, looks = timedelta(), []
    while at < timedelta(minutes=10):
        looks.append(at)
        at += retry_policy.poll_after(at)
    most = max(sum(1 for other in looks if one <= other < one + timedelta(minutes=1)) for one in looks)
    assert most <= 29
    assert looks[1] <= retry_policy.poll_first


def test_upload_survives_storage() -> None:
    """An upload is unchanged after a round trip through its stored form; anything else is no upload."""
    upload = Upload(
        publish_id="v_pub_file~1", url="https://u/?t=secret", size_bytes=12, chunk_bytes=5, count=2, opened_at=START
    )
    assert Upload.of({"upload": upload.confirmed(5).as_json()}) == upload.confirmed(5)
    assert "secret" not in repr(upload)
    broken: list[dict[str, JsonValue]] = [{}, {"upload": None}, {"upload": {"publish_id": 1}}, {"upload": "x"}]
    assert [Upload.of(state) for state in broken] == [None] * 4


@each_row("value", [None, 5, "yesterday", {}])
def test_an_invalid_instant(value: JsonValue) -> None:
    """An invalid stored instant counts as none."""
    assert instant(value) is None


@pytest.mark.parametrize(
    ("life", "after"),
    [
        (timedelta(hours=2), timedelta(minutes=90)),
        (timedelta(hours=24), timedelta(hours=18)),
        (timedelta(minutes=60), timedelta(minutes=40)),
        (timedelta(minutes=10), timedelta(minutes=5)),
    ],
)
async def test_tokens_are_refreshed_early(life: timedelta, after: timedelta) -> None:
    """Refreshed after three quarters or 20 minutes before the end, whichever is earlier, never before half."""
    async with Transport(name="tiktok") as transport:
        login = tiktok(
            endpoints=Endpoints(),
            app=AppCredentials(client_id="k", client_secret="s"),
            retry_policy=RETRY_POLICIES[0],
            transport=transport,
        ).login
    tokens = Tokens(access_token="a", issued_at=START, expires_at=START + life, refresh_token="r")
    assert login.refresh_due_at(tokens) == START + after
    assert login.refresh_due_at(Tokens(access_token="a", issued_at=START, expires_at=START + life)) is None
    assert login.refresh_due_at(Tokens(access_token="a", issued_at=START, expires_at=None, refresh_token="r")) is None
