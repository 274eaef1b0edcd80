"""Numbers on TikTok: four counters of videos that others see, and those of the account."""

from tests.sandbox.running_sandbox import TIKTOK_SCOPES, RunningSandbox

FIELDS = "?fields=id,view_count,like_count,comment_count,share_count"


async def test_queries_leave_out_what_others_do_not_see(sandbox: RunningSandbox, reel: bytes) -> None:
    """Private, deleted and unknown videos and those of others are missing; 21 ids are too many."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    for privacy in ("PUBLIC_TO_EVERYONE", "SELF_ONLY", "PUBLIC_TO_EVERYONE"):
        await sandbox.post_clip(token, reel, privacy_level=privacy)
    seen, private, deleted = [post["externalId"] for post in await sandbox.items("posts")]
    await sandbox.http.delete(f"/sandbox/control/posts?platform=tiktok&externalId={deleted}")
    ids = {"filters": {"video_ids": [deleted, private, seen, "7301"]}}
    videos = (await sandbox.tiktok(token, "video/query", ids, FIELDS)).json()["data"]["videos"]
    assert [video["id"] for video in videos] == [seen]
    other = (await sandbox.tiktok_login("other"))["access_token"]
    assert (await sandbox.tiktok(other, "video/query", ids, FIELDS)).json()["data"] == {"videos": []}
    many = {"filters": {"video_ids": [str(number) for number in range(21)]}}
    refused = await sandbox.tiktok(token, "video/query", many, FIELDS)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_params")


async def test_a_removed_counter_and_a_missing_scope(sandbox: RunningSandbox, reel: bytes) -> None:
    """A counter that TikTok removed is an invalid field; without video.list there are no numbers."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    await sandbox.post_clip(token, reel)
    assert (await sandbox.tiktok(token, "video/list", {}, FIELDS)).status_code == 200
    await sandbox.control("POST", "numbers", {"platform": "tiktok", "removed": ["share_count"]})
    refused = await sandbox.tiktok(token, "video/list", {}, FIELDS)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_params")
    await sandbox.account("tiktok", "brand", grantedScopes=["user.info.basic"])
    refused = await sandbox.tiktok(token, "video/list", {}, FIELDS)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "scope_not_authorized")


async def test_numbers_of_the_account(sandbox: RunningSandbox, reel: bytes) -> None:
    """Followers, and likes of all videos, with the scope user.info.stats."""
    login = await sandbox.tiktok_login("brand", TIKTOK_SCOPES + ",user.info.stats")
    await sandbox.post_clip(login["access_token"], reel)
    [post] = await sandbox.items("posts")
    of_post = {"platform": "tiktok", "handle": "brand", "externalId": post["externalId"]}
    for change in (
        {**of_post, "metrics": {"like_count": 9}},
        {"platform": "tiktok", "handle": "brand", "followers": 57},
    ):
        assert (await sandbox.control("POST", "numbers", change)).status_code == 200
    query = {"fields": "follower_count,following_count,likes_count,video_count"}
    url = "/sandbox/open.tiktokapis.com/v2/user/info/"
    answer = await sandbox.http.get(url, params=query, headers={"authorization": f"Bearer {login['access_token']}"})
    counted = {"follower_count": 57, "following_count": 80, "likes_count": 9, "video_count": 1}
    assert answer.json()["data"]["user"] == counted
    await sandbox.account("tiktok", "brand", grantedScopes=TIKTOK_SCOPES.split(","))
    answer = await sandbox.http.get(url, params=query, headers={"authorization": f"Bearer {login['access_token']}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "scope_not_authorized")
