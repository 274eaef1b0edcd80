"""Insights of Threads: posts and replies, the profile's series and totals, and URLs that carry the token."""

import json
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.sandbox.running_sandbox import JSON, RunningSandbox
from tests.sandbox.threads_client import SCOPES, Threads, login, refusal

MINUTE, DAY = 60, 86_400
MEDIA = "views,likes,replies,reposts,quotes,shares"


@pytest.fixture
async def threads(sandbox: RunningSandbox) -> Threads:
    """A profile whose insights may be read."""
    return await login(sandbox, scope=f"{SCOPES},threads_manage_insights")


async def insights(threads: Threads, path: str, metric: str, **params: object) -> dict[str, JSON]:
    """Return the entries of insights by metric."""
    answer = await threads.call("GET", path, {"metric": metric, **params})
    assert answer.status_code == 200, answer.text
    return {entry["name"]: entry for entry in answer.json()["data"]}


async def set_numbers(threads: Threads, **more: object) -> None:
    """Change numbers through the control surface."""
    answer = await threads.sandbox.control("POST", "numbers", {"platform": "threads", **more})
    assert answer.status_code == 200, answer.text


async def test_posts_have_insights_after_ten_minutes(threads: Threads) -> None:
    """An empty list first, then an entry per metric; replies are those that are there, of a reply the direct ones."""
    root = await threads.post(media_type="TEXT", text="Root")
    first = await threads.post(media_type="TEXT", text="2", reply_to_id=root)
    await threads.post(media_type="TEXT", text="3", reply_to_id=first)
    assert await insights(threads, f"{root}/insights", MEDIA) == {}
    await threads.sandbox.advance(10 * MINUTE)
    entries = await insights(threads, f"{root}/insights", MEDIA)
    assert list(entries) == MEDIA.split(",")
    assert entries["views"]["id"] == f"{root}/insights/views/lifetime"
    assert {"period", "title", "description"} <= set(entries["views"])
    replies = [
        (await insights(threads, f"{media}/insights", "replies"))["replies"]["values"] for media in (root, first)
    ]
    assert replies == [[{"value": 2}], [{"value": 1}]]


async def test_wrong_metrics_and_permissions(threads: Threads) -> None:
    """Unknown and removed metrics fail the call, and so does a token without the permission, or of another profile."""
    root = await threads.post(media_type="TEXT", text="Root")
    await threads.sandbox.advance(DAY)
    for path, metric in (
        (f"{root}/insights", "views,reach"),
        ("me/threads_insights", "shares"),
        (f"{root}/insights", ""),
    ):
        assert refusal(await threads.call("GET", path, {"metric": metric})) == (100, None)
    await set_numbers(threads, removed=["quotes"])
    refused = await threads.call("GET", f"{root}/insights", {"metric": "views,quotes"})
    assert "metric[1] must be one of the following values: views, likes," in refused.json()["error"]["message"]
    plain, other = (
        await login(threads.sandbox),
        await login(threads.sandbox, "other", f"{SCOPES},threads_manage_insights"),
    )
    for path in (f"{root}/insights", "me/threads_insights"):
        assert refusal(await plain.call("GET", path, {"metric": "views"})) == (10, None)
    assert refusal(await other.call("GET", f"{root}/insights", {"metric": "views"})) == (100, 33)


async def test_profiles_have_a_series_and_totals(threads: Threads) -> None:
    """Views by day, totals of the range, clicks by link, followers whatever the range; pages carry the token."""
    root = await threads.post(media_type="TEXT", text="Root", link_attachment="https://example.com/a")
    await threads.sandbox.advance(4 * DAY)
    now = int(datetime.fromisoformat((await threads.sandbox.control("GET", "clock")).json()["now"]).timestamp())
    await set_numbers(threads, handle="brand", followers=321)
    names = "views,likes,replies,reposts,quotes,clicks,followers_count"
    query = {"metric": names, "since": now - 6 * DAY, "until": now}
    answer = (await threads.call("GET", "me/threads_insights", query)).json()
    data = {entry["name"]: entry for entry in answer["data"]}
    assert list(data) == names.split(",")
    assert sum(point["value"] for point in data["views"]["values"]) > 0
    assert all(datetime.fromisoformat(point["end_time"]).timestamp() <= now for point in data["views"]["values"])
    likes = (await insights(threads, f"{root}/insights", "likes"))["likes"]["values"][0]["value"]
    assert data["likes"]["total_value"] == {"value": likes}
    [click] = data["clicks"]["link_total_values"]
    assert (click["link_url"], click["value"] > 0) == ("https://example.com/a", True)
    assert data["followers_count"]["total_value"] == {"value": 321}
    for url in answer["paging"].values():
        assert parse_qs(urlsplit(url).query)["access_token"] == [threads.token]
    assert threads.token not in json.dumps(await threads.sandbox.calls(platform="threads"))
    assert len((await insights(threads, "me/threads_insights", "views"))["views"]["values"]) in {1, 2}


async def test_demographics_and_ranges(threads: Threads) -> None:
    """Demographics from 100 followers on and with one breakdown; ranges from April 2024 on."""
    path = "me/threads_insights"
    for followers in (99, 100):
        await set_numbers(threads, handle="brand", followers=followers)
        found = await insights(threads, path, "follower_demographics", breakdown="country")
        assert [entry["total_value"]["value"] for entry in found.values()] == [100] * (followers - 99)
    for params in (
        {"metric": "follower_demographics"},
        {"metric": "follower_demographics", "breakdown": "age,city"},
        {"metric": "views", "since": 1_712_991_599},
        {"metric": "views", "since": 1_790_000_000, "until": 1_780_000_000},
        {"metric": "views", "since": "today"},
    ):
        assert refusal(await threads.call("GET", path, params)) == (100, None), params
