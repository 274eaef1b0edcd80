"""Insights of Facebook: which metric each thing has, periods, Pages below 100 likes, tokens and permissions."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from tests.sandbox.facebook_pages import PAGE_SCOPES, Page, connect, error_of
from tests.sandbox.running_sandbox import JSON, RunningSandbox, clip

DAY = 86_400
POST = (
    "post_media_view,post_total_media_view_unique,post_clicks,post_clicks_by_type,post_activity_by_action_type,"
    "post_activity_by_action_type_unique,post_reactions_by_type_total,post_reactions_like_total,post_reactions_love_total,"
    "post_reactions_wow_total,post_reactions_haha_total,post_reactions_sorry_total,post_reactions_anger_total,post_video_views"
)
PAGE = (
    "page_media_view,page_total_media_view_unique,page_post_engagements,page_follows,page_daily_follows,"
    "page_daily_follows_unique,page_daily_unfollows_unique,page_views_total,page_total_actions,"
    "page_fan_adds_by_paid_non_paid_unique,page_lifetime_engaged_followers_unique"
)
STORY = (
    "page_story_impressions_by_story_id,page_story_impressions_by_story_id_unique,story_interaction,"
    "pages_fb_story_thread_lightweight_reactions,pages_fb_story_replies,pages_fb_story_shares"
)


@pytest.fixture
async def page(sandbox: RunningSandbox) -> Page:
    """A Page whose insights may be read."""
    return await connect(sandbox, scope=f"{PAGE_SCOPES},read_insights")


async def values(page: Page, path: str, **params: object) -> dict[str, object]:
    """Return the last value of each metric."""
    return {entry["name"]: entry["values"][-1]["value"] for entry in (await page.get(path, **params))["data"]}


async def set_numbers(page: Page, **more: object) -> None:
    """Change numbers through the control surface."""
    answer = await page.sandbox.control("POST", "numbers", {"platform": "facebook", **more})
    assert answer.status_code == 200, answer.text


async def test_metrics_of_a_post(page: Page) -> None:
    """Nothing for an hour; then every valid metric, numbers by kind that add up, and the form of an entry."""
    post = await page.post()
    assert await page.get(f"{post}/insights", metric=POST) == {"data": []}
    await page.sandbox.advance(3_600)
    await set_numbers(
        page, handle="luna", externalId=post, metrics={"likes": 40, "clicks": 10, "shares": 3, "views": 500}
    )
    await page.call("POST", f"{post}/comments", message="First")
    found = await values(page, f"{post}/insights", metric=POST)
    assert list(found) == POST.split(",")
    assert (found["post_media_view"], found["post_clicks"], found["post_video_views"]) == (500, 10, 0)
    by_type = {"like": 29, "love": 8, "wow": 1, "haha": 2}
    assert found["post_reactions_by_type_total"] == by_type
    kinds = ("like", "love", "wow", "haha", "sorry", "anger")
    assert [found[f"post_reactions_{kind}_total"] for kind in kinds] == [by_type.get(kind, 0) for kind in kinds]
    assert found["post_activity_by_action_type"] == {"like": 40, "comment": 1, "share": 3}
    assert found["post_clicks_by_type"] == {"other clicks": 4, "link clicks": 4, "photo view": 2}
    [entry] = (await page.get(f"{post}/insights", metric="post_media_view"))["data"]
    assert (entry["period"], entry["id"]) == ("lifetime", f"{post}/insights/post_media_view/lifetime")
    assert {"title", "description"} <= set(entry)
    assert await page.get(f"{post}/insights", metric="post_media_view", period="day") == {"data": []}


async def test_an_invalid_metric_fails_the_call(page: Page) -> None:
    """Old names, names of other things, removed ones and none at all; each in the words of Graph."""
    post = await page.post()
    await page.sandbox.advance(DAY)
    metric = {"post": f"{post}/insights", "page": f"{page.id}/insights"}
    for kind, name in (
        ("post", "post_impressions"),
        ("post", "post_engaged_users"),
        ("post", "page_media_view"),
        ("post", "story_interaction"),
        ("page", "page_impressions"),
        ("page", "page_fans_country"),
        ("page", "post_clicks"),
    ):
        known = "post_clicks" if kind == "post" else "page_follows"
        answer = await page.call("GET", metric[kind], metric=f"{known},{name}")
        assert error_of(answer) == (400, 100, None), name
        assert answer.json()["error"]["message"] == "(#100) The value must be a valid insights metric"
    assert error_of(await page.call("GET", metric["post"])) == (400, 3001, 1504028)
    await set_numbers(page, removed=["post_clicks"])
    assert error_of(await page.call("GET", metric["post"], metric="post_media_view,post_clicks")) == (400, 100, None)
    assert (await page.call("GET", metric["post"], metric="post_media_view")).status_code == 200


async def test_metrics_of_a_page_by_day(page: Page) -> None:
    """Days end at midnight in California, sum up to the views of the posts, and longer periods overlap."""
    post = await page.post()
    await page.sandbox.advance(4 * DAY)
    now = datetime.fromisoformat((await page.sandbox.control("GET", "clock")).json()["now"])
    query = {"metric": PAGE, "since": int(now.timestamp()) - 6 * DAY, "until": int(now.timestamp())}
    data = {entry["name"]: entry for entry in (await page.get(f"{page.id}/insights", **query))["data"]}
    assert list(data) == PAGE.split(",")
    views: list[JSON] = data["page_media_view"]["values"]
    ends = [datetime.fromisoformat(point["end_time"]) for point in views]
    california = [end.astimezone(ZoneInfo("America/Los_Angeles")) for end in ends]
    assert {(end.hour, end.minute) for end in california} == {(0, 0)}
    assert [end.date() for end in california] == [california[0].date() + timedelta(days=n) for n in range(len(ends))]
    assert now - timedelta(hours=25) < ends[-1] <= now
    assert sum(point["value"] for point in views) > 0
    for name, days in (("week", 7), ("days_28", 28)):
        longer = await page.get(f"{page.id}/insights", **query, period=name)
        last = {entry["name"]: entry["values"][-1]["value"] for entry in longer["data"]}
        assert last["page_media_view"] == sum(point["value"] for point in views), days
        assert ("page_total_media_view_unique" in last) == (name == "days_28")
        assert "page_follows" not in last  # a period that it does not have
    follows = [point["value"] for point in data["page_follows"]["values"]]
    gains = [point["value"] for point in data["page_daily_follows"]["values"]]
    assert [late - early for early, late in pairwise(follows)] == gains[1:]
    total = (await page.get(page.id, fields="followers_count,fan_count"))["followers_count"]
    assert follows[-1] <= total
    await set_numbers(page, handle="luna", externalId=post, add={"views": 100_000})
    assert (await values(page, f"{page.id}/insights", **query))["page_media_view"] == views[-1]["value"]


async def test_ranges_of_a_page(page: Page) -> None:
    """The default is two days; more than 93 and a range that ends before it starts are refused, as is an unknown period."""
    now = int(datetime.now(UTC).timestamp())
    [entry] = (await page.get(f"{page.id}/insights", metric="page_follows"))["data"]
    assert 1 <= len(entry["values"]) <= 3
    path = f"{page.id}/insights"
    for query in (
        {"since": now - 94 * DAY, "until": now},
        {"since": now, "until": now - DAY},
        {"period": "month"},
    ):
        assert error_of(await page.call("GET", path, metric="page_follows", **query)) == (400, 100, None), query
    ok = await page.call("GET", path, metric="page_follows", since=now - 93 * DAY, until=now)
    assert len(ok.json()["data"][0]["values"]) in {92, 93, 94}  # by the days with 23 and 25 hours
    assert (await page.get(path, metric="page_follows", period="lifetime"))["data"] == []


async def test_small_pages_get_nothing(page: Page) -> None:
    """Below 100 likes every list is empty; the counts that are fields of the post are there."""
    post = await page.post()
    await page.sandbox.advance(DAY)
    await set_numbers(page, handle="luna", followers=99)
    for path, metric in ((f"{post}/insights", "post_media_view"), (f"{page.id}/insights", "page_media_view")):
        assert (await page.get(path, metric=metric))["data"] == []
    fields = "reactions.limit(0).summary(true)"
    assert (await page.get(post, fields=fields))["reactions"]["summary"]["total_count"] > 0
    await set_numbers(page, handle="luna", followers=100)
    assert len((await page.get(f"{post}/insights", metric="post_media_view"))["data"]) == 1


async def test_summaries_are_asked_for(page: Page) -> None:
    """Comments and reactions are counted with `.summary(true)` only, and need a permission; shares that are none are missing."""
    post = await page.post()
    await page.call("POST", f"{post}/comments", message="First")
    plain = await page.get(post, fields="comments,reactions,shares")
    assert len(plain["comments"]["data"]) == 1
    assert plain["reactions"] == {"data": []}
    assert "summary" not in plain["comments"]
    assert "shares" not in plain
    fields = "shares,comments.limit(0).summary(true),reactions.limit(0).summary(true)"
    counted = await page.get(post, fields=fields)
    assert counted["comments"] == {"data": [], "summary": {"order": "ranked", "total_count": 1, "can_comment": True}}
    assert counted["reactions"] == {"data": [], "summary": {"total_count": 0, "viewer_reaction": "NONE"}}
    await page.sandbox.account("facebook", "luna", grantedScopes=["pages_read_engagement", "pages_manage_posts"])
    for path in (post, f"{page.id}/published_posts"):
        assert error_of(await page.call("GET", path, fields=fields)) == (403, 10, None)
        assert (await page.call("GET", path, fields="shares")).status_code == 200


async def test_insights_need_permission_task_and_token(page: Page) -> None:
    """Without read_insights code 10, without the task 200; the token of the person reads an empty list."""
    post = await page.post()
    await page.sandbox.advance(DAY)
    path, metric = f"{post}/insights", "post_media_view"
    of_person = await page.sandbox.facebook(page.user_token, "GET", path, metric=metric)
    assert of_person.json() == {"data": []}
    await page.sandbox.account("facebook", "luna", tasks=["CREATE_CONTENT"])
    assert error_of(await page.call("GET", path, metric=metric)) == (403, 200, None)
    await page.sandbox.account("facebook", "luna", tasks=None)
    other = await connect(page.sandbox)
    refused = await other.call("GET", path, metric=metric)
    assert error_of(refused) == (403, 10, None)
    assert "read_insights" in refused.json()["error"]["message"]
    stranger = await connect(page.sandbox, "other", f"{PAGE_SCOPES},read_insights")
    assert error_of(await stranger.call("GET", path, metric=metric))[1:] == (100, 33)


async def test_reels_have_two_ids(page: Page) -> None:
    """video_insights takes the id of the video; insights that of the post, or the Page's and the video's together."""
    video, url = await page.reel()
    await page.send(url, clip(width=540, height=960))
    await page.finish(video)
    await page.over(video)
    await page.sandbox.advance(DAY)
    post = (await page.get(video, fields="post_id"))["post_id"]
    await set_numbers(page, handle="luna", externalId=post, metrics={"views": 50, "watchSeconds": 100})
    names = "total_video_views,total_video_impressions_unique,total_video_avg_time_watched,total_video_view_total_time"
    found = await values(page, f"{video}/video_insights", metric=names)
    assert list(found) == names.split(",")
    assert (found["total_video_views"], found["total_video_avg_time_watched"]) == (50, 2_000)
    for subject in (post, f"{page.id}_{video}"):
        assert await values(page, f"{subject}/insights", metric="post_video_views") == {"post_video_views": 50}
    refused = await page.call("GET", f"{video}/insights", metric="post_video_views")
    assert error_of(refused) == (400, 100, None)
    assert "nonexisting field (insights)" in refused.json()["error"]["message"]
    gone = await page.call("GET", f"{video}/video_insights", metric="total_video_consumption_rate")
    assert error_of(gone) == (400, 100, None)
    assert (await page.call("GET", f"{post}/video_insights", metric=names)).status_code == 400


async def test_stories_have_metrics_of_their_own(page: Page) -> None:
    """A story knows the metrics of stories, and none of posts."""
    made = await page.call("POST", f"{page.id}/photo_stories", photo_id=await page.photo())
    story = made.json()["post_id"]
    await page.sandbox.advance(7_200)
    assert list(await values(page, f"{story}/insights", metric=STORY)) == STORY.split(",")
    assert error_of(await page.call("GET", f"{story}/insights", metric="post_media_view")) == (400, 100, None)
