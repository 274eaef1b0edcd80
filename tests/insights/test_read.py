"""The numbers of posts and accounts, as the API shows them."""

import csv
import io
import json
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

import pytest
from tests.insights.conftest import Measured
from tests.posts.conftest import bare, insert_account, insert_container

from presswork.insights import export
from presswork.insights.export import COLUMNS
from presswork.platforms.live_support import Metric

_GROUPS: Final = "/v1/insights"


def known(metrics: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers that are known."""
    assert list(metrics) == [metric.value for metric in Metric]
    return {name: value for name, value in metrics.items() if value is not None}


async def test_a_number_that_is_not_known_is_null_and_has_a_reason(measured: Measured) -> None:
    """Before the first read, after it, and when the post is gone: then the last numbers stay."""
    post = await measured.insert()
    before = await measured.insights(post)
    assert (before["takenAt"], before["raw"], known(before["metrics"]), before["nextAt"]) == (None, {}, {}, None)
    reasons = {one["metric"]: one["reason"] for one in before["unavailable"]}
    assert reasons["views"] == reasons["likes"] == "not_yet"
    assert reasons["saves"] == "not_offered"
    await measured.store(post, views=0, averageWatchSeconds=2.5)
    after = await measured.insights(post)
    assert known(after["metrics"]) == {"views": 0, "averageWatchSeconds": 2.5}
    assert after["raw"] == {"views": 0, "averageWatchSeconds": 2.5}
    assert {one["metric"] for one in after["unavailable"]} == {metric.value for metric in Metric} - {
        "views",
        "averageWatchSeconds",
    }
    await measured.ready_project.change("scheduled_posts", post, live_status="taken_down")
    gone = await measured.insights(post)
    assert known(gone["metrics"]) == {"views": 0, "averageWatchSeconds": 2.5}
    assert {one["reason"] for one in gone["unavailable"]} == {"gone"}


async def test_history_has_each_reading_once(measured: Measured) -> None:
    """Oldest first, by pages, between two instants."""
    post, first = await measured.insert(), measured.clock.now()
    for hour in range(5):
        await measured.store(post, first + timedelta(hours=hour), views=hour * 10)
    path = f"/v1/scheduled-posts/{post}/insights/history"
    found: list[int] = []
    query: dict[str, str] = {"limit": "2"}
    while True:
        page = await measured.read(path, **query)
        found += [item["metrics"]["views"] for item in page["items"]]
        if page["nextCursor"] is None:
            break
        query["cursor"] = page["nextCursor"]
    assert found == [0, 10, 20, 30, 40]
    bounds = {"since": (first + timedelta(hours=1)).isoformat(), "until": (first + timedelta(hours=3)).isoformat()}
    page = await measured.read(path, **bounds)
    assert [item["raw"]["views"] for item in page["items"]] == [10, 20, 30]


async def test_a_refresh_makes_a_live_post_due_once_in_fifteen_minutes(measured: Measured) -> None:
    """Not before it is live, not after it was taken down, and not where there are no numbers."""
    client, post = measured.ready_project.client, await measured.insert()

    async def refresh(of: str) -> tuple[int, Any]:
        answer = await client.post(f"/v1/scheduled-posts/{of}/insights/refresh")
        if answer.status_code == 429:
            assert int(answer.headers["Retry-After"]) == answer.json()["error"]["details"]["retryAfterSeconds"]
        return answer.status_code, answer.json()

    status, body = await refresh(post)
    assert (status, body["postId"]) == (202, post)
    assert (await measured.insights(post))["nextAt"] == body["nextAt"]
    status, body = await refresh(post)
    assert (status, body["error"]["code"]) == (429, "RATE_LIMITED")
    measured.clock.advance(timedelta(minutes=15))
    assert (await refresh(post))[0] == 202
    queued = await measured.insert(status="queued", published_at=None, live_at=None)
    down = await measured.insert(live_status="taken_down")
    managed = await measured.insert(mode="managed")
    for other, reason in ((queued, "not_live"), (down, "not_live"), (managed, "not_offered")):
        status, body = await refresh(other)
        assert (status, body["error"]["code"], body["error"]["details"]["reason"]) == (409, "CONFLICT", reason)


async def test_groups_add_up_counts_and_weigh_averages(measured: Measured) -> None:
    """By each of the five; a metric that no post has is null, and posts without numbers do not count."""
    project, start = measured.ready_project, measured.clock.now().replace(hour=12, minute=0)
    other = await insert_account(project.pool, project.project, "tiktok", [])
    labelled = await insert_container(project.pool, project.project, "image")
    await project.change("content_containers", labelled, labels=["bread", "winter"])
    first = await measured.insert(published_at=start, container_id=bare(labelled))
    second = await measured.insert("ext-2", other, published_at=start + timedelta(days=1))
    third = await measured.insert("ext-3", published_at=start + timedelta(days=1, hours=11, minutes=30))
    await measured.insert("ext-4", published_at=start)
    await measured.store(first, views=100, likes=4, averageWatchSeconds=2)
    await measured.store(second, views=300, averageWatchSeconds=6)
    await measured.store(third, likes=1)
    measured.clock.advance(timedelta(days=3))

    async def groups(**query: str | list[str]) -> dict[str, tuple[int, dict[str, Any]]]:
        page = await measured.read(_GROUPS, **query)
        return {item["key"]: (item["posts"], known(item["metrics"])) for item in page["items"]}

    days = [(start + timedelta(days=number)).date().isoformat() for number in range(3)]
    one = {"views": 100, "likes": 4, "averageWatchSeconds": 2.0}
    assert await groups(groupBy="day") == {
        days[0]: (1, one),
        days[1]: (2, {"views": 300, "likes": 1, "averageWatchSeconds": 6.0}),
    }
    assert list(await groups(groupBy="day", timezone="Europe/Berlin")) == days
    linkedin = (2, {"views": 100, "likes": 5, "averageWatchSeconds": 2.0})
    tiktok = (1, {"views": 300, "averageWatchSeconds": 6.0})
    assert await groups(groupBy="platform") == {"tiktok": tiktok, "linkedin": linkedin}
    assert await groups(groupBy="account") == {other: tiktok, measured.account: linkedin}
    assert await groups(groupBy="account", platform="tiktok") == {other: tiktok}
    assert list(await groups(groupBy="post")) == [second, first, third]
    assert list(await groups(groupBy="post", order="likes")) == [third, first, second]
    assert list(await groups(groupBy="post", order="-likes", socialAccountId=measured.account)) == [first, third]
    assert await groups(groupBy="label") == {"bread": (1, one), "winter": (1, one)}
    assert await groups(groupBy="label", label=["winter", "none"]) == {"bread": (1, one), "winter": (1, one)}
    assert await groups(groupBy="label", label="none") == {}
    exported = await project.client.get("/v1/insights/export", params={"format": "jsonl", "label": "bread"})
    assert [json.loads(line)["containerId"] for line in exported.text.splitlines()] == [labelled]
    together = await groups(groupBy="platform", since=(start + timedelta(days=1)).isoformat())
    assert together == {"tiktok": tiktok, "linkedin": (1, {"likes": 1})}
    for wrong in ({"order": "-key"}, {"groupBy": "week"}, {"timezone": "Mars"}, {"since": "2020-01-01T00:00:00Z"}):
        assert (await project.client.get(_GROUPS, params=wrong)).status_code == 422, wrong
    stranger = await project.world.api.client(organization="Strangers")
    for query in ({"groupBy": "post"}, {"groupBy": "post", "projectId": project.project}):
        assert (await stranger.get(_GROUPS, params=query)).json()["items"] == []


async def test_pages_of_groups_have_each_group_once(measured: Measured) -> None:
    """Also those of equal numbers and without a number; a cursor belongs to one grouping and order."""
    posts = [await measured.insert(f"ext-{number}") for number in range(7)]
    for number, post in enumerate(posts):
        await measured.store(post, **({"likes": number // 2} if number < 5 else {"views": 1}))
    for order in ("likes", "-likes", "-views", "key", "posts"):
        found: list[tuple[float, str]] = []
        query = {"groupBy": "post", "order": order, "limit": "2"}
        while True:
            page = await measured.read(_GROUPS, **query)
            found += [(item["metrics"]["likes"], item["key"]) for item in page["items"]]
            if page["nextCursor"] is None:
                break
            query["cursor"] = page["nextCursor"]
        assert sorted(key for _, key in found) == sorted(posts), order
        numbers = [likes for likes, _ in found]
        if order.endswith("likes"):
            assert numbers[5:] == [None, None]
            assert numbers[:5] == sorted(numbers[:5], reverse=order.startswith("-"))
    first = await measured.read(_GROUPS, groupBy="post", limit="2")
    other = {"groupBy": "post", "order": "-likes", "cursor": first["nextCursor"]}
    wrong = await measured.ready_project.client.get(_GROUPS, params=other)
    assert (wrong.status_code, wrong.json()["error"]["details"]["issues"][0]["code"]) == (422, "bad_cursor")


async def test_an_export_has_every_post_once(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over several pages, in both formats. A number that is not known is an empty cell, and null."""
    monkeypatch.setattr(export, "_PAGE", 2)
    posts = []
    for number in range(5):
        posts.append(await measured.insert(f"ext-{number}", external_url="https://social.example.com/p"))
        await measured.store(posts[-1], views=number)
        measured.clock.advance(timedelta(minutes=1))
    client = measured.ready_project.client
    answer = await client.get(f"{_GROUPS}/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="insights.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(row["postId"], row["views"], row["likes"]) for row in rows] == [
        (post, str(number), "") for number, post in enumerate(posts)
    ]
    lines = [json.loads(line) for line in (await client.get(f"{_GROUPS}/export?format=jsonl")).text.splitlines()]
    assert [(line["postId"], line["views"], line["likes"]) for line in lines] == [
        (post, number, None) for number, post in enumerate(posts)
    ]
    assert all(earlier["publishedAt"] < later["publishedAt"] for earlier, later in pairwise(lines))
    stranger = await measured.ready_project.world.api.client(organization="Strangers")
    assert (await stranger.get(f"{_GROUPS}/export")).text == ",".join(COLUMNS) + "\r\n"


async def test_posts_of_a_list_have_what_people_know_them_by(measured: Measured) -> None:
    """Those of one container at any time; other groups have no post, and other containers no share in it."""
    project = measured.ready_project
    other = await insert_container(project.pool, project.project, "text")
    await project.change("content_containers", other, caption="Another")
    long_ago = measured.clock.now() - timedelta(days=300)
    own = await measured.insert(caption_override="For LinkedIn", published_at=long_ago)
    another = await measured.insert("ext-2", container_id=bare(other))
    for post in (own, another):
        await measured.store(post, views=3)
    (found,) = (await measured.read(_GROUPS, groupBy="post", containerId=project.image))["items"]
    account = (await measured.read(f"/v1/social-accounts/{measured.account}"))["handle"]
    shown = found["post"]
    assert (found["key"], shown["postId"], shown["containerId"]) == (own, own, project.image)
    assert (shown["platform"], shown["handle"], shown["caption"]) == ("linkedin", account, "For LinkedIn")
    (recent,) = (await measured.read(_GROUPS, groupBy="post"))["items"]
    assert (recent["post"]["caption"], recent["post"]["thumbnailUrl"]) == ("Another", None)
    (of_day,) = (await measured.read(_GROUPS, containerId=project.image))["items"]
    assert (of_day["posts"], of_day["post"]) == (1, None)
