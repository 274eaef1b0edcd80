"""Numbers on YouTube: what is hidden, who sees which videos, the quota of batchGetStats, and reports some days late."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx2
import pytest
from tests.sandbox.running_sandbox import JSON, RunningSandbox
from tests.sandbox.youtube import PREFIX, SCOPES, YouTube, reason_of, video

ANALYTICS = "/sandbox/youtubeanalytics.googleapis.com/v2/reports"
API = "youtube/v3"
DAY = 86_400
METRICS = (
    "views,estimatedMinutesWatched,averageViewDuration,averageViewPercentage,likes,comments,shares,subscribersGained"
)


@pytest.fixture
async def youtube(sandbox: RunningSandbox) -> YouTube:
    """A client of the fake YouTube that is logged in."""
    youtube = YouTube(sandbox)
    await youtube.login("brand")
    return youtube


async def report(youtube: YouTube, **query: object) -> httpx2.Response:
    """Ask for a report from 40 days before the sandbox's present to 40 days after it."""
    now = datetime.fromisoformat((await youtube.sandbox.control("GET", "clock")).json()["now"]).astimezone(UTC)
    around = {"startDate": now.date() - timedelta(days=40), "endDate": now.date() + timedelta(days=40)}
    asked = {"ids": "channel==MINE", "metrics": "views", **around, **query}
    headers = {"authorization": f"Bearer {youtube.token}"}
    return await youtube.sandbox.http.get(ANALYTICS, params={k: str(v) for k, v in asked.items()}, headers=headers)


async def statistics(youtube: YouTube, *ids: object) -> list[JSON]:
    """Return the items of videos.batchGetStats."""
    query = {"part": "statistics,snippet", "id": ",".join(map(str, ids))}
    answer = await youtube.ok("GET", f"{API}/videos:batchGetStats", **query)
    assert (answer["kind"], answer["summary"]) == ("youtube#batchGetStatsResponse", {})
    items: list[JSON] = answer["items"]
    return items


async def set_numbers(youtube: YouTube, **more: object) -> None:
    """Change numbers through the control surface."""
    answer = await youtube.sandbox.control("POST", "numbers", {"platform": "youtube", **more})
    assert answer.status_code == 200, answer.text


async def test_hidden_numbers_have_no_key(youtube: YouTube, reel: bytes) -> None:
    """Hidden likes, closed comments and a removed name leave their keys out; comments are those that are there."""
    made = await youtube.upload(reel, video(privacy="public"))
    assert (await youtube.comment(made["id"])).status_code == 200
    [item] = await statistics(youtube, made["id"])
    assert item["statistics"] == {"viewCount": "0", "likeCount": "0", "commentCount": "1"}
    assert item["snippet"] == {"publishTime": made["snippet"]["publishedAt"]}
    await youtube.sandbox.account("youtube", "brand", likesHidden=True, commentsDisabled=True)
    assert [item["statistics"] for item in await statistics(youtube, made["id"])] == [{"viewCount": "0"}]
    await youtube.sandbox.account("youtube", "brand", likesHidden=False)
    await set_numbers(youtube, removed=["viewCount"])
    assert [item["statistics"] for item in await statistics(youtube, made["id"])] == [{"likeCount": "0"}]


async def test_private_videos_have_no_views_and_are_missing_for_others(youtube: YouTube, reel: bytes) -> None:
    """A private video is counted from when it becomes public; for others it, and a deleted one, are missing."""
    hidden, deleted = [(await youtube.upload(reel, video(privacy=privacy)))["id"] for privacy in ("private", "public")]
    await youtube.sandbox.advance(DAY)
    await youtube.login("brand")
    [of_hidden, of_deleted] = await statistics(youtube, hidden, deleted)
    assert of_hidden["statistics"]["viewCount"] == "0" != of_deleted["statistics"]["viewCount"]
    await youtube.call("DELETE", f"{API}/videos", id=deleted)
    assert [item["id"] for item in await statistics(youtube, hidden, deleted, "unknown")] == [hidden]
    other = YouTube(youtube.sandbox)
    await other.login("other")
    assert await statistics(other, hidden, deleted) == []
    await youtube.set_status(hidden, privacyStatus="public")
    await youtube.sandbox.advance(600)
    assert int((await statistics(youtube, hidden))[0]["statistics"]["viewCount"]) > 0


async def test_batch_stats_have_a_quota_and_a_size(youtube: YouTube, reel: bytes) -> None:
    """50 ids at most, a bucket of their own, and parts that they know."""
    made = await youtube.upload(reel, video(privacy="public"))
    await youtube.settings(batchStatsPerDay=2, unitsPerDay=0)
    path, ids = f"{API}/videos:batchGetStats", ",".join(f"v{number}" for number in range(51))
    assert reason_of(await youtube.call("GET", path, part="statistics", id=ids)) == (400, "invalidFilters")
    assert (await youtube.call("GET", path, part="statistics", id=made["id"])).status_code == 200
    assert reason_of(await youtube.call("GET", path, part="statistics", id=made["id"])) == (403, "quotaExceeded")
    await youtube.settings(batchStatsPerDay=None)
    assert reason_of(await youtube.call("GET", path, part="player", id=made["id"])) == (400, "unknownPart")
    await youtube.login("brand", scope=f"{PREFIX}youtube.upload")
    assert reason_of(await youtube.call("GET", path, part="statistics", id=made["id"]))[0] == 403


async def test_channels_count_subscribers_and_views(youtube: YouTube, reel: bytes) -> None:
    """The owner sees the exact number of subscribers, others three figures of it, or none where it is hidden."""
    made = await youtube.upload(reel, video(privacy="public"))
    await set_numbers(youtube, handle="brand", followers=12_345)
    await set_numbers(youtube, handle="brand", externalId=made["id"], metrics={"viewCount": 70})
    channel_id = await youtube.channel_id()
    other = YouTube(youtube.sandbox)
    await other.login("other")

    async def read(client: YouTube) -> JSON:
        found: JSON = (await client.ok("GET", f"{API}/channels", part="statistics", id=channel_id))["items"][0]
        numbers: JSON = found["statistics"]
        return numbers

    own = {"viewCount": "70", "subscriberCount": "12345", "hiddenSubscriberCount": False, "videoCount": "1"}
    assert await read(youtube) == own
    assert await read(other) == own | {"subscriberCount": "12300"}
    await youtube.sandbox.account("youtube", "brand", subscribersHidden=True)
    assert await read(youtube) == own | {"hiddenSubscriberCount": True}
    assert await read(other) == {"viewCount": "70", "hiddenSubscriberCount": True, "videoCount": "1"}


async def test_reports_are_three_days_late(youtube: YouTube, reel: bytes) -> None:
    """Without a day that is ready there is no `rows`; then each day has a row three days after its end, and adds up."""
    made = await youtube.upload(reel, video(privacy="public"))
    empty = (await report(youtube, metrics=METRICS, dimensions="day")).json()
    assert empty["kind"] == "youtubeAnalytics#resultTable"
    assert "rows" not in empty
    types = [(column["columnType"], column["dataType"]) for column in empty["columnHeaders"]]
    assert types == [("DIMENSION", "STRING")] + [
        ("METRIC", "FLOAT" if name == "averageViewPercentage" else "INTEGER") for name in METRICS.split(",")
    ]
    await youtube.sandbox.advance(8 * DAY)
    await youtube.login("brand")
    asked = {"metrics": METRICS, "filters": f"video=={made['id']}"}
    rows = (await report(youtube, dimensions="day", sort="day", **asked)).json()["rows"]
    days = [date.fromisoformat(row[0]) for row in rows]
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    now = datetime.fromisoformat((await youtube.sandbox.control("GET", "clock")).json()["now"])
    assert timedelta(days=3) < now.date() - days[-1] < timedelta(days=6)
    views = [row[1] for row in rows]
    newest_first = (await report(youtube, dimensions="day", sort="-day", **asked)).json()["rows"]
    assert newest_first == rows[::-1]
    [total] = (await report(youtube, **asked)).json()["rows"]
    assert total[0] == sum(views) > 0
    [of_video] = (await report(youtube, dimensions="video", **asked)).json()["rows"]
    assert of_video == [made["id"], *total]
    assert "rows" not in (await report(youtube, filters="video==unknown")).json()
    await set_numbers(youtube, delaySeconds=0)
    last, *_ = (await report(youtube, dimensions="day", sort="-day", **asked)).json()["rows"][0]
    assert date.fromisoformat(last) == now.astimezone(ZoneInfo("America/Los_Angeles")).date() - timedelta(days=1)


async def test_reports_refuse(youtube: YouTube) -> None:
    """Queries that the API does not know, a scope that does not open it, a project without it, and channels of others."""
    for query, reason in (
        ({"metrics": "plays"}, "badRequest"),
        ({"metrics": ""}, "badRequest"),
        ({"dimensions": "country"}, "badRequest"),
        ({"sort": "likes"}, "badRequest"),
        ({"filters": "country==DE"}, "badRequest"),
        ({"startDate": "yesterday"}, "badRequest"),
        ({"startDate": "2026-02-30"}, "badRequest"),
        ({"startDate": "2026-11-02", "endDate": "2026-11-01"}, "badRequest"),
        ({"ids": "channel==UCother"}, "forbidden"),
    ):
        assert reason_of(await report(youtube, **query))[1] == reason, query
    await set_numbers(youtube, removed=["shares"])
    assert reason_of(await report(youtube, metrics="views,shares")) == (400, "badRequest")
    await youtube.settings(analyticsEnabled=False)
    assert reason_of(await report(youtube)) == (403, "accessNotConfigured")
    await youtube.settings(analyticsEnabled=None)
    await youtube.login("brand", scope=SCOPES.replace(f"{PREFIX}youtube.readonly ", ""))  # force-ssl does not open it
    assert reason_of(await report(youtube)) == (403, "insufficientPermissions")
    await youtube.login("brand", scope=f"{PREFIX}yt-analytics.readonly")
    assert (await report(youtube)).status_code == 200
