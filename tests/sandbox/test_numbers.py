"""The numbers of posts: they grow with the sandbox's clock, stand where the control surface sets them, and are the same by seed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
from tests.sandbox import facebook_pages, linkedin_client, mastodon_client, pinterest_client, threads_client
from tests.sandbox.bluesky_client import RKEYS, post_record, sign_in
from tests.sandbox.running_sandbox import IG_SCOPES, RunningSandbox, Sandboxes, clip
from tests.sandbox.youtube import YouTube, video

HANDLE = "brand"
MINUTE, HOUR, DAY = 60, 3_600, 86_400
Counts = Mapping[str, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePost:
    """A post that is live, and what a client reads of its numbers, by the platform's own names."""

    external_id: str
    read: Callable[[], Awaitable[Counts]]


async def appview(sandbox: RunningSandbox, method: str, **params: str) -> httpx2.Response:
    """Read what Bluesky shows to everyone."""
    return await sandbox.http.get(f"/sandbox/public.api.bsky.app/xrpc/app.bsky.{method}", params=params)


async def on_bluesky(sandbox: RunningSandbox) -> LivePost:
    """Publish a text."""
    session = await sign_in(sandbox, HANDLE)
    uri = str((await session.put(RKEYS[0], post_record())).json()["uri"])

    async def read() -> Counts:
        [post] = (await appview(sandbox, "feed.getPosts", uris=uri)).json()["posts"]
        return {name: value for name, value in post.items() if name.endswith("Count")}

    return LivePost(external_id=uri, read=read)


async def on_youtube(sandbox: RunningSandbox) -> LivePost:
    """Publish a video."""
    youtube = YouTube(sandbox)
    await youtube.login(HANDLE)
    video_id = str((await youtube.upload(clip(), video(privacy="public")))["id"])

    async def read() -> Counts:
        await youtube.login(HANDLE)  # the access token lasts an hour
        query = {"part": "statistics", "id": video_id}
        [item] = (await youtube.ok("GET", "youtube/v3/videos", **query))["items"]
        [stats] = (await youtube.ok("GET", "youtube/v3/videos:batchGetStats", **query))["items"]
        assert item["statistics"].pop("favoriteCount") == "0"
        assert item["statistics"] == stats["statistics"]
        assert all(isinstance(value, str) for value in stats["statistics"].values())
        return {name: int(value) for name, value in stats["statistics"].items()}

    return LivePost(external_id=video_id, read=read)


async def on_tiktok(sandbox: RunningSandbox) -> LivePost:
    """Publish a video."""
    await sandbox.post_clip((await sandbox.tiktok_login(HANDLE))["access_token"], clip())
    [post] = await sandbox.items(f"posts?platform=tiktok&handle={HANDLE}")
    fields = "?fields=view_count,like_count,comment_count,share_count"

    async def read() -> Counts:
        token = (await sandbox.tiktok_login(HANDLE))["access_token"]  # the access token lasts two hours
        query = {"filters": {"video_ids": [post["externalId"]]}}
        [asked] = (await sandbox.tiktok(token, "video/query", query, fields)).json()["data"]["videos"]
        [listed] = (await sandbox.tiktok(token, "video/list", {}, fields)).json()["data"]["videos"]
        assert asked == listed
        return dict(asked)

    return LivePost(external_id=post["externalId"], read=read)


async def on_facebook(sandbox: RunningSandbox) -> LivePost:
    """Publish a photo."""
    page = await facebook_pages.connect(sandbox, HANDLE, facebook_pages.PAGE_SCOPES + ",read_insights")
    post_id = await page.post()
    metrics = "post_media_view,post_reactions_like_total,post_clicks"
    fields = "shares,comments.limit(0).summary(true),reactions.limit(0).summary(true)"

    async def read() -> Counts:
        data = (await page.get(f"{post_id}/insights", metric=metrics))["data"]
        post = await page.get(post_id, fields=fields)
        return {
            **{entry["name"]: entry["values"][0]["value"] for entry in data},
            "shares": post.get("shares", {}).get("count", 0),
            "reactions": post["reactions"]["summary"]["total_count"],
            "comments": post["comments"]["summary"]["total_count"],
        }

    return LivePost(external_id=post_id, read=read)


async def on_instagram(sandbox: RunningSandbox) -> LivePost:
    """Publish a picture."""
    scopes = IG_SCOPES + ",instagram_business_manage_insights"
    media_id = await sandbox.post_picture(await sandbox.graph_login(HANDLE, scopes))
    metrics = "views,reach,likes,comments,saved,shares,reposts,total_interactions"

    async def read() -> Counts:
        token = await sandbox.graph_login(HANDLE, scopes)
        data = (await sandbox.graph(token, "GET", f"{media_id}/insights", metric=metrics)).json()["data"]
        fields = (await sandbox.graph(token, "GET", media_id, fields="like_count,comments_count")).json()
        counts = {entry["name"]: entry["values"][0]["value"] for entry in data}
        assert (fields["like_count"], fields["comments_count"]) == (counts["likes"], counts["comments"])
        return counts

    return LivePost(external_id=media_id, read=read)


async def on_threads(sandbox: RunningSandbox) -> LivePost:
    """Publish a text."""
    scopes = f"{threads_client.SCOPES},threads_manage_insights"
    media_id = await (await threads_client.login(sandbox, HANDLE, scopes)).post(media_type="TEXT", text="Live")

    async def read() -> Counts:
        threads = await threads_client.login(sandbox, HANDLE, scopes)
        query = {"metric": "views,likes,replies,reposts,quotes,shares"}
        data = (await threads.call("GET", f"{media_id}/insights", query)).json()["data"]
        return {entry["name"]: entry["values"][0]["value"] for entry in data}

    return LivePost(external_id=media_id, read=read)


async def on_linkedin(sandbox: RunningSandbox) -> LivePost:
    """Publish a text as a page."""
    client, urn = await linkedin_client.page(sandbox, HANDLE)
    post = await client.posted(urn, "Text")
    path = "rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity="

    async def read() -> Counts:
        client, _ = await linkedin_client.page(sandbox, HANDLE)
        answer = await client.call("GET", f"{path}{quote(urn, safe='')}&shares=List({quote(post, safe='')})")
        [element] = answer.json()["elements"]
        statistics = element["totalShareStatistics"]
        assert 0 < statistics.pop("engagement") < 1
        return dict(statistics)

    return LivePost(external_id=post, read=read)


async def on_mastodon(sandbox: RunningSandbox) -> LivePost:
    """Publish a text."""
    mastodon = await mastodon_client.login(sandbox, HANDLE)
    status_id = str((await mastodon.posted("Live"))["id"])

    async def read() -> Counts:
        status = await mastodon.read(f"statuses/{status_id}")
        return {name: value for name, value in status.items() if name.endswith("_count")}

    return LivePost(external_id=status_id, read=read)


async def on_pinterest(sandbox: RunningSandbox) -> LivePost:
    """Publish a picture."""
    pin_id = str((await (await pinterest_client.login(sandbox, HANDLE)).pinned())["id"])
    names = {"impression": "IMPRESSION", "save": "SAVE", "reaction": "TOTAL_REACTIONS"}

    async def read() -> Counts:
        pinterest = await pinterest_client.login(sandbox, HANDLE)  # the access token lasts 30 days
        metrics = (await pinterest.read(f"pins/{pin_id}", pin_metrics="true"))["pin_metrics"]["lifetime_metrics"]
        return {name: metrics[short] for short, name in names.items()}

    return LivePost(external_id=pin_id, read=read)


PLATFORMS = {
    "mastodon": on_mastodon,
    "pinterest": on_pinterest,
    "bluesky": on_bluesky,
    "youtube": on_youtube,
    "tiktok": on_tiktok,
    "facebook": on_facebook,
    "instagram": on_instagram,
    "threads": on_threads,
    "linkedin": on_linkedin,
}
OWN_NAMES = {
    "mastodon": {"likes": "favourites_count", "other": "reblogs_count"},
    "pinterest": {"likes": "TOTAL_REACTIONS", "other": "IMPRESSION"},
    "bluesky": {"likes": "likeCount", "other": "repostCount"},
    "facebook": {"likes": "reactions", "other": "shares", "set": "likes"},
    "instagram": {"likes": "likes", "other": "saved"},
    "linkedin": {"likes": "likeCount", "other": "shareCount"},
    "threads": {"likes": "likes", "other": "reposts"},
    "tiktok": {"likes": "like_count", "other": "view_count"},
    "youtube": {"likes": "likeCount", "other": "viewCount"},
}
"""Names of the number of likes and of another one, and of the likes on the control surface, where it has another one."""


async def set_numbers(sandbox: RunningSandbox, platform: str, **more: object) -> None:
    """Change numbers through the control surface."""
    answer = await sandbox.control("POST", "numbers", {"platform": platform, **more})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_numbers_grow_and_are_set(sandbox: RunningSandbox, platform: str) -> None:
    """Each number of a post rises from look to look; one that is set stands, one that is added to still grows."""
    post, names = await PLATFORMS[platform](sandbox), OWN_NAMES[platform]
    looks = []
    for seconds in (HOUR, DAY, 14 * DAY):
        await sandbox.advance(seconds)
        looks.append(await post.read())
    likes, other = names["likes"], names["other"]
    for name in looks[0]:
        values = [look[name] or 0 for look in looks]
        assert values == sorted(values), name
        assert name != likes or len(set(values)) == len(looks), values
    to_set = names.get("set", likes)
    of_post = {"handle": HANDLE, "externalId": post.external_id}
    before = looks[-1][other] or 0
    await set_numbers(sandbox, platform, **of_post, metrics={to_set: 5}, add={other: 7})
    counts = await post.read()
    assert (counts[likes], counts[other]) == (5, before + 7)
    await sandbox.advance(20 * DAY)
    counts = await post.read()
    assert counts[likes] == 5
    assert (counts[other] or 0) >= before + 7
    await set_numbers(sandbox, platform, **of_post, add={to_set: -2})  # a platform took spam away
    assert (await post.read())[likes] == 3
    await set_numbers(sandbox, platform, **of_post, metrics={to_set: None})
    assert ((await post.read())[likes] or 0) >= (looks[-1][likes] or 0) > 5


async def test_numbers_depend_on_the_seed(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """Two sandboxes with the public seed have the same numbers for the same post, one with a random seed has others."""
    found = []
    for number, is_random in enumerate((False, False, True)):
        sandbox = await sandboxes.start(tmp_path / f"{number}.sqlite3", is_seed_random=is_random)
        post = await on_bluesky(sandbox)
        await sandbox.advance(DAY)
        found.append(await post.read())
    assert found[0] == found[1] != found[2]


async def test_the_control_surface_lists_numbers(sandbox: RunningSandbox) -> None:
    """GET numbers has all numbers of each live post by the sandbox's names, and takes filters."""
    post = await on_bluesky(sandbox)
    await sandbox.advance(DAY)
    await set_numbers(sandbox, "bluesky", handle=HANDLE, externalId=post.external_id, metrics={"views": 120})
    [listed] = await sandbox.items(f"numbers?platform=bluesky&handle={HANDLE}")
    counts = await post.read()
    assert listed["externalId"] == post.external_id
    assert (listed["metrics"]["likes"], listed["metrics"]["views"]) == (counts["likeCount"], 120)
    assert await sandbox.items("numbers?platform=bluesky&externalId=at://other") == []


async def test_followers_are_set(sandbox: RunningSandbox) -> None:
    """Followers grow by the day; those that are set stand, and null has them grow again."""
    session = await sign_in(sandbox, HANDLE)

    async def read() -> int:
        return int((await appview(sandbox, "actor.getProfile", actor=session.did)).json()["followersCount"])

    first = await read()
    await sandbox.advance(5 * DAY)
    later = await read()
    assert first < later
    await set_numbers(sandbox, "bluesky", handle=HANDLE, followers=42)
    assert await read() == 42
    assert [account["followers"] for account in await sandbox.items("accounts")] == [42]
    await set_numbers(sandbox, "bluesky", handle=HANDLE, followers=None)
    assert await read() == later


async def test_a_counter_that_bluesky_removed(sandbox: RunningSandbox) -> None:
    """A removed name is no longer in the answer, until the list is empty again."""
    post = await on_bluesky(sandbox)
    await sandbox.advance(DAY)
    await set_numbers(sandbox, "bluesky", removed=["quoteCount"])
    assert "quoteCount" not in await post.read()
    await set_numbers(sandbox, "bluesky", removed=[])
    assert "quoteCount" in await post.read()


async def test_wrong_numbers_are_refused(sandbox: RunningSandbox) -> None:
    """Each wrong body of the control surface gets a sentence that says what is allowed."""
    post = await on_bluesky(sandbox)
    of_post = {"platform": "bluesky", "handle": HANDLE, "externalId": post.external_id}
    for body, words in (
        ({"platform": "sms"}, "platform must be one of"),
        ({"platform": "bluesky", "handle": HANDLE, "externalId": "at://x", "metrics": {"likes": 1}}, "No live post"),
        ({**of_post, "handle": "other", "metrics": {"likes": 1}}, "No live post"),
        (of_post, "metrics or add is required"),
        ({**of_post, "metrics": [1]}, "metrics must be an object"),
        ({**of_post, "metrics": {"plays": 1}}, "Unknown number plays"),
        ({**of_post, "metrics": {"replyCount": 1}}, "it is the number of comments"),
        ({**of_post, "metrics": {"likes": -1}}, "0 or more"),
        ({**of_post, "metrics": {"likes": True}}, "must be a whole number"),
        ({**of_post, "add": {"likes": None}}, "must be whole numbers"),
        ({**of_post, "sum": 1}, "Unknown field sum"),
        ({"platform": "bluesky", "handle": HANDLE, "followers": -1}, "followers must be between"),
        ({"platform": "bluesky", "removed": ["plays"]}, "removed has plays. Known are: replyCount"),
        ({"platform": "bluesky", "removed": "likeCount"}, "removed must be a list"),
        ({"platform": "bluesky", "delaySeconds": -1}, "delaySeconds must be between"),
        ({"platform": "bluesky", "delaySeconds": 5, "handle": HANDLE}, "Unknown field handle"),
    ):
        answer = await sandbox.control("POST", "numbers", body)
        assert answer.status_code == 400, body
        assert words in answer.json()["error"]["message"], body


async def test_what_accounts_do_counts_on_bluesky(sandbox: RunningSandbox) -> None:
    """A like, a repost and the next part of a thread by accounts of the sandbox count on the post, at once."""
    session = await sign_in(sandbox, HANDLE)
    first = (await session.put(RKEYS[0], post_record())).json()
    subject = {"uri": first["uri"], "cid": first["cid"]}
    for collection in ("app.bsky.feed.like", "app.bsky.feed.repost"):
        record = {"$type": collection, "subject": subject, "createdAt": "2026-11-26T09:00:00.000Z"}
        assert (await session.put(RKEYS[1], record, collection=collection)).status_code == 200
    reply = post_record("2/2", reply={"root": subject, "parent": subject})
    assert (await session.put(RKEYS[2], reply)).status_code == 200
    await set_numbers(sandbox, "bluesky", handle=HANDLE, externalId=first["uri"], metrics={"likes": 3, "reposts": 0})
    await sandbox.advance(2)
    [post] = (await appview(sandbox, "feed.getPosts", uris=first["uri"])).json()["posts"]
    assert (post["likeCount"], post["repostCount"], post["replyCount"]) == (4, 1, 1)


async def test_an_account_that_is_gone_has_no_numbers(sandbox: RunningSandbox) -> None:
    """The AppView has neither posts nor a profile of an account that was taken down or deactivated."""
    session = await sign_in(sandbox, HANDLE)
    post = (await session.put(RKEYS[0], post_record())).json()
    await sandbox.advance(MINUTE)
    for status, name in (("takendown", "AccountTakedown"), ("deactivated", "AccountDeactivated")):
        await sandbox.account("bluesky", HANDLE, accountStatus=status)
        profile = await appview(sandbox, "actor.getProfile", actor=session.did)
        assert (profile.status_code, profile.json()["error"]) == (400, name)
        posts = await appview(sandbox, "feed.getPosts", uris=post["uri"])
        assert posts.json() == {"posts": []}
