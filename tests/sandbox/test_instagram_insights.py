"""Insights of Instagram: metrics by type and login, what is late, stories, accounts, and the three words for a wrong metric."""

from dataclasses import dataclass
from datetime import datetime

import httpx2
import pytest
from tests.sandbox.running_sandbox import FB_SCOPES, IG_SCOPES, JSON, RunningSandbox, clip

MINUTE, DAY = 60, 86_400
FEED = "views,reach,likes,comments,saved,shares,reposts,total_interactions,follows,profile_visits,profile_activity,facebook_views"
REELS = (
    "views,reach,likes,comments,saved,shares,reposts,total_interactions,ig_reels_avg_watch_time,"
    "ig_reels_video_view_total_time,reels_skip_rate"
)
STORY = "views,reach,replies,shares,reposts,navigation,follows,profile_visits,profile_activity,total_interactions,facebook_views"


@dataclass(frozen=True, slots=True)
class Instagram:
    """One account, reached through one of the two logins."""

    sandbox: RunningSandbox
    token: str
    account_id: str
    is_facebook: bool = False

    async def call(self, path: str, **params: object) -> httpx2.Response:
        """Read with the token."""
        call = self.sandbox.facebook if self.is_facebook else self.sandbox.graph
        return await call(self.token, "GET", path, **params)

    async def insights(self, subject: str, metric: str, **params: object) -> dict[str, JSON]:
        """Return the entries of insights by metric."""
        answer = await self.call(f"{subject}/insights", metric=metric, **params)
        assert answer.status_code == 200, answer.text
        return {entry["name"]: entry for entry in answer.json()["data"]}

    async def refusal(self, subject: str, metric: str, **params: object) -> tuple[int, str]:
        """Return the code and the message of a refused call."""
        error = (await self.call(f"{subject}/insights", metric=metric, **params)).json()["error"]
        return error["code"], error["message"]

    async def publish(self, **params: object) -> str:
        """Publish a video through Instagram Login and return its id."""
        url = self.sandbox.media.put("clip.mp4", clip())
        container = await self.sandbox.container(self.token, video_url=url, **params)
        assert (await self.sandbox.finished(self.token, container))[-1] == "FINISHED"
        return str((await self.sandbox.publish(self.token, container)).json()["id"])


@pytest.fixture
async def instagram(sandbox: RunningSandbox) -> Instagram:
    """An account through Instagram Login."""
    token = await sandbox.graph_login("brand", f"{IG_SCOPES},instagram_business_manage_insights")
    return Instagram(sandbox, token, "me")


async def with_facebook(sandbox: RunningSandbox) -> Instagram:
    """The same account through the login with Facebook."""
    token = await sandbox.facebook_login("brand", scope=f"{FB_SCOPES},instagram_manage_insights")
    [account] = await sandbox.items("accounts?platform=instagram&handle=brand")
    return Instagram(sandbox, token, account["id"], is_facebook=True)


async def set_numbers(instagram: Instagram, **more: object) -> None:
    """Change numbers through the control surface."""
    answer = await instagram.sandbox.control("POST", "numbers", {"platform": "instagram", **more})
    assert answer.status_code == 200, answer.text


async def test_metrics_come_late_and_some_later(instagram: Instagram) -> None:
    """Nothing for 20 minutes, all but some for an hour, then each metric of the type; never 0 for what is not there yet."""
    picture = await instagram.sandbox.post_picture(instagram.token)
    reel = await instagram.publish(media_type="REELS")
    late = {"follows", "profile_visits", "profile_activity"}
    assert await instagram.insights(picture, FEED) == {}
    await instagram.sandbox.advance(20 * MINUTE)
    assert set(await instagram.insights(picture, FEED)) == set(FEED.split(",")) - late
    assert {"reels_skip_rate", "views"} - set(await instagram.insights(reel, REELS)) == {"reels_skip_rate"}
    await instagram.sandbox.advance(40 * MINUTE)
    entries = await instagram.insights(picture, FEED)
    assert list(entries) == FEED.split(",")
    assert list(await instagram.insights(reel, REELS)) == REELS.split(",")
    entry = entries["reach"]
    assert (entry["period"], entry["id"]) == ("lifetime", f"{picture}/insights/reach/lifetime")
    assert {"title", "description"} <= set(entry)
    await set_numbers(instagram, delaySeconds=7_200)
    assert await instagram.insights(picture, FEED) == {}
    await set_numbers(instagram, delaySeconds=0)
    assert list(await instagram.insights(picture, FEED)) == FEED.split(",")
    await instagram.sandbox.advance(3 * 365 * DAY)
    assert await with_fresh_token(instagram, picture) == {}


async def with_fresh_token(instagram: Instagram, picture: str) -> dict[str, JSON]:
    """Read insights after the token has expired, with another one."""
    token = await instagram.sandbox.graph_login("brand", f"{IG_SCOPES},instagram_business_manage_insights")
    return await Instagram(instagram.sandbox, token, "me").insights(picture, "reach")


async def test_numbers_add_up(instagram: Instagram) -> None:
    """Interactions are the sum of what they are made of, comments those that are there, watch time is in milliseconds."""
    reel = await instagram.publish(media_type="REELS")
    await instagram.sandbox.advance(DAY)
    numbers = {"views": 100, "likes": 10, "saved": 2, "shares": 3, "reposts": 1, "watchSeconds": 450}
    await set_numbers(instagram, handle="brand", externalId=reel, metrics=numbers)
    await instagram.sandbox.graph(instagram.token, "POST", f"{reel}/comments", message="First")
    entries = {name: entry["values"][0]["value"] for name, entry in (await instagram.insights(reel, REELS)).items()}
    assert (entries["comments"], entries["total_interactions"]) == (1, 17)
    assert (entries["ig_reels_avg_watch_time"], entries["ig_reels_video_view_total_time"]) == (4_500, 450_000)


async def test_breakdowns(instagram: Instagram) -> None:
    """A breakdown adds up to the total; one that the metric does not have is an unknown error."""
    picture = await instagram.sandbox.post_picture(instagram.token)
    await instagram.sandbox.advance(DAY)
    await set_numbers(instagram, handle="brand", externalId=picture, metrics={"profile_activity": 20})
    entry = (await instagram.insights(picture, "profile_activity", breakdown="action_type"))["profile_activity"]
    assert "values" not in entry
    [broken_down] = entry["total_value"]["breakdowns"]
    assert broken_down["dimension_keys"] == ["action_type"]
    assert entry["total_value"]["value"] == sum(result["value"] for result in broken_down["results"]) == 20
    for breakdown in ("follow_type", "story_navigation_action_type"):
        refused = await instagram.refusal(picture, "profile_activity", breakdown=breakdown)
        assert refused == (1, "An unknown error has occurred.")


async def test_a_wrong_metric_has_three_wordings(instagram: Instagram) -> None:
    """Of another type, of no type, and removed: each fails the whole call with code 100."""
    sandbox = instagram.sandbox
    picture, reel = await sandbox.post_picture(instagram.token), await instagram.publish(media_type="REELS")
    await sandbox.advance(DAY)
    for subject, name, words in (
        (picture, "navigation", "does not support the navigation metric for this media product type"),
        (reel, "follows", "does not support the follows metric for this media product type"),
        (reel, "facebook_views", "does not support the facebook_views metric"),  # it is not shared to Facebook
        (reel, "crossposted_views", "does not support the crossposted_views metric"),
        (picture, "impressions", "metric[1] must be one of the following values: comments, "),
        (picture, "total_likes", "metric[1] must be one of the following values: "),
    ):
        code, message = await instagram.refusal(subject, f"reach,{name}")
        assert code == 100
        assert words in message
    await set_numbers(instagram, removed=["saved"])
    assert await instagram.refusal(picture, "reach,saved") == (100, "(#100) The value must be a valid insights metric")
    assert list(await instagram.insights(picture, "reach")) == ["reach"]
    assert (await instagram.refusal(picture, ""))[0] == 100


async def test_stories_last_a_day(instagram: Instagram) -> None:
    """Below five viewers code 10 with HTTP 403, then their metrics, and after a day nothing."""
    story = await instagram.publish(media_type="STORIES")
    few = (10, "(#10) Not enough viewers for the media to show insights")
    assert await instagram.refusal(story, "views") == few
    await instagram.sandbox.advance(3_600)
    assert list(await instagram.insights(story, STORY)) == STORY.split(",")
    await set_numbers(instagram, handle="brand", externalId=story, metrics={"reach": 4})
    assert await instagram.refusal(story, "views") == few
    assert (await instagram.call(f"{story}/insights", metric="views")).status_code == 403
    await set_numbers(instagram, handle="brand", externalId=story, metrics={"reach": 5, "navigation": 40})
    breakdown = "story_navigation_action_type"
    total = (await instagram.insights(story, "navigation", breakdown=breakdown))["navigation"]["total_value"]
    assert sum(result["value"] for result in total["breakdowns"][0]["results"]) == 40
    assert (await instagram.refusal(story, "likes"))[0] == 100
    await instagram.sandbox.advance(DAY)
    assert await instagram.insights(story, STORY) == {}


async def test_the_login_with_facebook_has_more(instagram: Instagram) -> None:
    """Totals with Facebook and ads, taps on links of stories, and counts as fields; the other login knows none of them."""
    sandbox = instagram.sandbox
    picture, reel = await sandbox.post_picture(instagram.token), await instagram.publish(media_type="REELS")
    story = await instagram.publish(media_type="STORIES")
    await sandbox.advance(7_200)
    facebook = await with_facebook(sandbox)
    for subject, metric in (
        (picture, "total_likes,total_comments"),
        (reel, "total_likes,total_comments,total_views"),
        (story, "link_clicks"),
    ):
        assert list(await facebook.insights(subject, metric)) == metric.split(",")
        assert (await instagram.refusal(subject, metric))[0] == 100
    assert (await facebook.refusal(picture, "total_views"))[0] == 100
    fields = "saved_count,shares_count,reposts_count,total_like_count,total_comments_count,total_views_count"
    assert set((await facebook.call(picture, fields=fields)).json()) == {*fields.split(","), "id"}
    assert (await instagram.call(picture, fields=fields)).json()["error"]["code"] == 100


async def test_hidden_likes_are_missing(instagram: Instagram) -> None:
    """The field like_count is not there if the owner hides it; comments_count is."""
    picture = await instagram.sandbox.post_picture(instagram.token)
    fields = "like_count,comments_count"
    assert (await instagram.call(picture, fields=fields)).json() == {
        "like_count": 0,
        "comments_count": 0,
        "id": picture,
    }
    await instagram.sandbox.account("instagram", "brand", likesHidden=True)
    assert (await instagram.call(picture, fields=fields)).json() == {"comments_count": 0, "id": picture}


async def test_insights_need_their_permission(instagram: Instagram) -> None:
    """Both kinds of insights, through both logins; fields of the post need none of it."""
    sandbox = instagram.sandbox
    picture = await sandbox.post_picture(instagram.token)
    await sandbox.advance(DAY)
    plain = Instagram(sandbox, await sandbox.graph_login("brand"), "me")
    [account] = await sandbox.items("accounts?platform=instagram&handle=brand")
    token = await sandbox.facebook_login("brand", scope="instagram_basic,pages_show_list,instagram_manage_insights")
    for login, own in ((plain, "me"), (Instagram(sandbox, token, account["id"], is_facebook=True), account["id"])):
        assert (await login.refusal(picture, "reach"))[0] == 10
        assert (await login.refusal(own, "reach", period="day"))[0] == 10
        assert (await login.call(picture, fields="like_count")).json()["like_count"] > 0
    stranger = await sandbox.graph_login("other", f"{IG_SCOPES},instagram_business_manage_insights")
    assert (await Instagram(sandbox, stranger, "me").refusal(picture, "reach"))[0] == 100


async def test_accounts_have_totals_and_a_series(instagram: Instagram) -> None:
    """Reach by day or as a total, all else as totals, what has no data is missing; both logins."""
    assert await instagram.insights("me", "views", period="day", metric_type="total_value") == {}
    picture = await instagram.sandbox.post_picture(instagram.token)
    await instagram.sandbox.advance(3 * DAY)
    await set_numbers(instagram, handle="brand", followers=500)
    clock = (await instagram.sandbox.control("GET", "clock")).json()
    now = int(datetime.fromisoformat(clock["now"]).timestamp())
    spans = {"since": now - 5 * DAY, "until": now, "period": "day"}
    names = "reach,views,accounts_engaged,total_interactions,likes,saves,shares,replies,reposts,profile_links_taps"
    for login in (instagram, await with_facebook(instagram.sandbox)):
        totals = await login.insights(login.account_id, names, **spans, metric_type="total_value")
        assert list(totals) == names.split(",")
        assert totals["reach"]["total_value"]["value"] > 0
        series = (await login.insights(login.account_id, "reach", **spans, metric_type="time_series"))["reach"]
        assert len(series["values"]) in {4, 5}  # 4 around the day with 25 hours
        assert 0 < sum(point["value"] for point in series["values"]) <= totals["reach"]["total_value"]["value"]
        broken_down = await login.insights(
            login.account_id, "views", **spans, metric_type="total_value", breakdown="media_product_type"
        )
        [by_type] = broken_down["views"]["total_value"]["breakdowns"]
        assert sum(row["value"] for row in by_type["results"]) == broken_down["views"]["total_value"]["value"]
    last_day = await instagram.insights("me", "views", period="day", metric_type="total_value")
    before = last_day["views"]["total_value"]["value"]
    await set_numbers(instagram, handle="brand", externalId=picture, add={"views": 1_000})
    last_day = await instagram.insights("me", "views", period="day", metric_type="total_value")
    assert last_day["views"]["total_value"]["value"] == before + 1_000


async def test_accounts_below_100_followers(instagram: Instagram) -> None:
    """Demographics, follows and unfollows are missing; from 100 on they are there."""
    people = {"period": "lifetime", "metric_type": "total_value", "timeframe": "this_month", "breakdown": "country"}
    for followers in (99, 100):
        await set_numbers(instagram, handle="brand", followers=followers)
        found = await instagram.insights("me", "follower_demographics", **people)
        assert [entry["total_value"]["value"] for entry in found.values()] == [100] * (followers - 99)


async def test_wrong_calls_about_accounts(instagram: Instagram) -> None:
    """Dead metrics, a missing metric_type, a wrong period, a range that is too long, and a breakdown of another metric."""
    day = {"period": "day", "metric_type": "total_value"}
    people = {"period": "lifetime", "metric_type": "total_value"}
    for metric, params, words in (
        ("impressions", day, "metric[0] must be one of"),
        ("profile_views", day, "metric[0] must be one of"),
        ("follower_count", day, "metric[0] must be one of"),
        ("reach,views", {"period": "day"}, "(views) should be specified with parameter metric_type=total_value"),
        ("reach", {"period": "week"}, "Incompatible metrics and period"),
        ("follower_demographics", people, "need a breakdown and a timeframe"),
        ("reach", day | {"since": 1_796_000_000, "until": 1_796_000_000 + 31 * DAY}, "more than 30 days"),
        ("reach", day | {"since": "yesterday"}, "unix timestamp"),
        ("reach", day | {"breakdown": "city"}, "An unknown error"),
        ("", day, "metric is required"),
    ):
        code, message = await instagram.refusal("me", metric, **params)
        assert words in message, metric
        assert code in {1, 100}
