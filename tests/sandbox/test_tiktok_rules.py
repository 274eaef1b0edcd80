"""TikTok's checks at init, its limits, and the fields of creator_info and user/info."""

from tests.every_row import every_row
from tests.sandbox.running_sandbox import JSON, RunningSandbox, picture


async def refusal(sandbox: RunningSandbox, token: str, path: str, body: object = None) -> tuple[int, str]:
    """Return the HTTP status and code of a response."""
    answer = await sandbox.tiktok(token, path, body)
    assert set(answer.json()) == {"data", "error"}
    assert answer.json()["error"]["log_id"]
    return answer.status_code, answer.json()["error"]["code"]


def video(post: JSON | None = None, source: JSON | None = None) -> JSON:
    """Return the body of a valid video init, with changes."""
    good = {"source": "FILE_UPLOAD", "video_size": 1000, "chunk_size": 1000, "total_chunk_count": 1}
    return {
        "post_info": {"privacy_level": "PUBLIC_TO_EVERYONE", **(post or {})},
        "source_info": {**good, **(source or {})},
    }


VIDEOS: list[tuple[JSON, int, str]] = [
    (video(), 200, "ok"),
    (video({"title": "😀" * 1100}), 200, "ok"),
    (video({"title": "😀" * 1101}), 400, "invalid_param"),
    (video({"title": 5}), 400, "invalid_param"),
    (video({"privacy_level": None}), 400, "invalid_param"),
    (video({"privacy_level": "FOLLOWER_OF_CREATOR"}), 403, "privacy_level_option_mismatch"),
    (video({"privacy_level": "SELF_ONLY", "brand_content_toggle": True}), 400, "invalid_param"),
    (video({"privacy_level": "SELF_ONLY", "brand_organic_toggle": True}), 200, "ok"),
    (video({"disable_duet": "yes"}), 400, "invalid_param"),
    (video({"video_cover_timestamp_ms": "1"}), 400, "invalid_param"),
    (video({"video_cover_timestamp_ms": 2**31}), 400, "invalid_param"),
    (video({"video_cover_timestamp_ms": 2**31 - 1, "is_aigc": True}), 200, "ok"),  # the first frame, then
    (video({"is_aigc": "true"}), 400, "invalid_param"),
    (video(None, {"source": "CARRIER_PIGEON"}), 400, "invalid_param"),
    (video(None, {"video_size": 0}), 400, "invalid_param"),
    (video(None, {"video_size": True}), 400, "invalid_param"),
    (video(None, {"chunk_size": 999}), 400, "invalid_param"),
    (video(None, {"chunk_size": 0}), 400, "invalid_param"),
    (video(None, {"total_chunk_count": 2}), 400, "invalid_param"),
    (video(None, {"video_size": 5 * 1024**3}), 400, "invalid_param"),
    (video(None, {"video_size": 50_000_123, "chunk_size": 10_000_000, "total_chunk_count": 5}), 200, "ok"),
    (video(None, {"video_size": 50_000_123, "chunk_size": 10_000_000, "total_chunk_count": 6}), 400, "invalid_param"),
    (video(None, {"video_size": 150_000_000, "chunk_size": 32_000_000, "total_chunk_count": 4}), 200, "ok"),
    (video(None, {"video_size": 64_000_000, "chunk_size": 64_000_000, "total_chunk_count": 1}), 200, "ok"),
    (video(None, {"video_size": 90_000_000, "chunk_size": 90_000_000, "total_chunk_count": 1}), 400, "invalid_param"),
    (video(None, {"video_size": 10_000_000, "chunk_size": 4_000_000, "total_chunk_count": 2}), 400, "invalid_param"),
    (video(None, {"source": "PULL_FROM_URL"}), 400, "invalid_param"),
    (video(None, {"source": "PULL_FROM_URL", "video_url": "ftp://x/y"}), 400, "invalid_param"),
    ({}, 400, "invalid_param"),
    ({"post_info": [], "source_info": 4}, 400, "invalid_param"),
]


async def test_video_init_checks(sandbox: RunningSandbox) -> None:
    """Privacy, lengths in UTF-16 units, options and chunk sizes are checked at init."""
    with every_row() as row:
        for body, status, code in VIDEOS:
            with row(body, status, code):
                await sandbox.reset()
                token = (await sandbox.tiktok_login("brand"))["access_token"]
                assert await refusal(sandbox, token, "post/publish/video/init", body) == (status, code)


def photos(count: int = 1, **changes: object) -> JSON:
    """Return the body of a valid photo init, with changes."""
    return {
        "media_type": "PHOTO",
        "post_mode": "DIRECT_POST",
        "post_info": {"privacy_level": "PUBLIC_TO_EVERYONE"},
        "source_info": {"source": "PULL_FROM_URL", "photo_images": ["http://127.0.0.1:9/x.jpg"] * count},
        **changes,
    }


async def test_photo_init_checks(sandbox: RunningSandbox) -> None:
    """A photo post has 1 to 35 pictures by URL, a title of up to 90 and a description of up to 4000 units."""
    rows: list[tuple[JSON, str]] = [
        (photos(35), "ok"),
        (photos(36), "invalid_param"),
        (photos(0), "invalid_param"),
        (photos(media_type="VIDEO"), "invalid_param"),
        (photos(post_mode="DIRECT POST"), "invalid_param"),
        (photos(is_aigc="yes"), "invalid_param"),
        (photos(is_aigc=True), "ok"),
        (photos(post_info={"privacy_level": "SELF_ONLY", "title": "😀" * 45, "description": "😀" * 2000}), "ok"),
        (photos(post_info={"privacy_level": "SELF_ONLY", "title": "😀" * 46}), "invalid_param"),
        (photos(post_info={"privacy_level": "SELF_ONLY", "title": "x" * 91}), "invalid_param"),
        (photos(post_info={"privacy_level": "SELF_ONLY", "description": "x" * 4001}), "invalid_param"),
        (photos(source_info={"source": "FILE_UPLOAD"}), "invalid_param"),
        (
            photos(source_info={"source": "PULL_FROM_URL", "photo_images": ["http://x/y"], "photo_cover_index": 1}),
            "invalid_param",
        ),
        (
            photos(source_info={"source": "PULL_FROM_URL", "photo_images": ["http://x/y"], "photo_cover_index": "0"}),
            "invalid_param",
        ),
        (
            photos(source_info={"source": "PULL_FROM_URL", "photo_images": ["http://x/y"] * 2, "photo_cover_index": 1}),
            "ok",
        ),
    ]
    with every_row() as row:
        for body, code in rows:
            with row(body, code):
                await sandbox.reset()
                token = (await sandbox.tiktok_login("brand"))["access_token"]
                assert (await refusal(sandbox, token, "post/publish/content/init", body))[1] == code


async def test_accounts_can_be_private_unaudited_or_unverified(sandbox: RunningSandbox) -> None:
    """The settings of an account decide the response to an init."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    levels = ["FOLLOWER_OF_CREATOR", "SELF_ONLY"]
    await sandbox.account("tiktok", "brand", creatorInfo={"privacy_level_options": levels, "stitch_disabled": True})
    info = (await sandbox.tiktok(token, "post/publish/creator_info/query")).json()["data"]
    assert (info["privacy_level_options"], info["stitch_disabled"], info["creator_username"]) == (levels, True, "brand")
    path = "post/publish/video/init"
    assert (await refusal(sandbox, token, path, video()))[1] == "privacy_level_option_mismatch"
    await sandbox.account("tiktok", "brand", audited=False, creatorInfo={"privacy_level_options": ["SELF_ONLY"]})
    assert (await refusal(sandbox, token, path, video({"privacy_level": "SELF_ONLY"})))[1] == "ok"
    await sandbox.account("tiktok", "brand", creatorInfo={"privacy_level_options": ["PUBLIC_TO_EVERYONE", "SELF_ONLY"]})
    assert await refusal(sandbox, token, path, video({"privacy_level": "SELF_ONLY"})) == (
        403,
        "unaudited_client_can_only_post_to_private_accounts",
    )
    await sandbox.account("tiktok", "brand", audited=True, verifiedPrefixes=["https://media.example/"])
    assert await refusal(sandbox, token, "post/publish/content/init", photos()) == (403, "url_ownership_unverified")


async def test_an_app_without_audit_has_five_creators_a_day(sandbox: RunningSandbox) -> None:
    """Five creators can post in 24 hours and a sixth is refused; an audited app has no such limit."""
    private = {"creatorInfo": {"privacy_level_options": ["SELF_ONLY"]}}
    body, path = video({"privacy_level": "SELF_ONLY"}), "post/publish/video/init"
    tokens = []
    for number in range(6):
        await sandbox.account("tiktok", f"creator{number}", audited=False, **private)
        tokens.append((await sandbox.tiktok_login(f"creator{number}"))["access_token"])
    for token in tokens[:5]:
        assert (await refusal(sandbox, token, path, body))[1] == "ok"
    assert await refusal(sandbox, tokens[5], path, body) == (403, "reached_active_user_cap")
    assert await refusal(sandbox, tokens[5], "post/publish/creator_info/query", {}) == (200, "reached_active_user_cap")
    assert (await refusal(sandbox, tokens[0], path, body))[1] == "ok"
    await sandbox.account("tiktok", "creator5", audited=True, **private)
    assert (await refusal(sandbox, tokens[5], path, body))[1] == "ok"
    await sandbox.account("tiktok", "creator5", audited=False)
    await sandbox.account("tiktok", "creator6", audited=False, **private)
    await sandbox.advance(24 * 3600)
    assert (await refusal(sandbox, (await sandbox.tiktok_login("creator6"))["access_token"], path, body))[1] == "ok"


async def test_minute_windows_slide(sandbox: RunningSandbox) -> None:
    """A token has six inits per minute, and more after that minute; other accounts have their own limit."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    other = (await sandbox.tiktok_login("other"))["access_token"]
    path = "post/publish/video/init"
    for _ in range(3):
        assert (await refusal(sandbox, token, path, video()))[1] == "ok"
    await sandbox.advance(40)
    for _ in range(3):
        assert (await refusal(sandbox, token, path, video()))[1] == "ok"
    assert await refusal(sandbox, token, path, video()) == (429, "rate_limit_exceeded")
    assert (await refusal(sandbox, other, path, video()))[1] == "ok"
    await sandbox.advance(21)
    codes = [(await refusal(sandbox, token, path, video()))[1] for _ in range(4)]
    assert codes == ["ok", "ok", "ok", "rate_limit_exceeded"]


async def test_fifteen_posts_a_day(sandbox: RunningSandbox, reel: bytes) -> None:
    """The 16th post of 24 hours is refused at init, and creator_info reports the limit with HTTP 200."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    for _ in range(15):
        await sandbox.post_clip(token, reel)
        await sandbox.advance(61)
    cap = "spam_risk_too_many_posts"
    assert await refusal(sandbox, token, "post/publish/video/init", video()) == (403, cap)
    assert await refusal(sandbox, token, "post/publish/creator_info/query") == (200, cap)
    await sandbox.advance(86_400)
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    assert (await refusal(sandbox, token, "post/publish/video/init", video()))[1] == "ok"


async def test_five_pending_drafts(sandbox: RunningSandbox) -> None:
    """A sixth unfinished draft is refused until one is finished."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    url = sandbox.media.put("one.jpg", picture())
    body = photos(post_mode="MEDIA_UPLOAD", source_info={"source": "PULL_FROM_URL", "photo_images": [url]})
    path = "post/publish/content/init"
    made = [(await sandbox.tiktok(token, path, body)).json()["data"]["publish_id"] for _ in range(5)]
    for publish_id in made:
        await sandbox.over(token, publish_id)
    await sandbox.advance(61)
    assert await refusal(sandbox, token, path, body) == (403, "spam_risk_too_many_pending_share")
    assert (await refusal(sandbox, token, "post/publish/inbox/video/init", video()))[0] == 403
    await sandbox.control("POST", f"drafts/{made[0]}/publish")
    assert (await refusal(sandbox, token, path, body))[1] == "ok"


async def test_scopes_of_each_call(sandbox: RunningSandbox) -> None:
    """Each call needs its scope; a photo post needs that of its post_mode."""
    draft = (await sandbox.tiktok_login("brand", "user.info.basic,video.upload"))["access_token"]
    direct = (await sandbox.tiktok_login("brand", "user.info.basic,video.publish"))["access_token"]
    missing = (401, "scope_not_authorized")
    assert await refusal(sandbox, draft, "post/publish/creator_info/query") == missing
    assert await refusal(sandbox, draft, "post/publish/video/init", video()) == missing
    assert await refusal(sandbox, direct, "post/publish/inbox/video/init", video()) == missing
    assert await refusal(sandbox, draft, "post/publish/content/init", photos()) == missing
    assert await refusal(sandbox, direct, "post/publish/content/init", photos(post_mode="MEDIA_UPLOAD")) == missing
    assert await refusal(sandbox, direct, "video/list", {}) == missing
    assert await refusal(sandbox, "nonsense", "video/list", {}) == (401, "access_token_invalid")


async def test_user_info(sandbox: RunningSandbox) -> None:
    """Only requested fields are returned; a field whose scope is not granted fails the call."""
    login = await sandbox.tiktok_login("brand")
    url = "/sandbox/open.tiktokapis.com/v2/user/info/"
    headers = {"authorization": f"Bearer {login['access_token']}"}
    answer = await sandbox.http.get(url, params={"fields": "open_id,display_name"}, headers=headers)
    assert answer.json()["data"]["user"] == {"open_id": login["open_id"], "display_name": "Brand"}
    answer = await sandbox.http.get(url, params={"fields": "open_id,username"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "scope_not_authorized")


async def test_unsupported_calls_fail(sandbox: RunningSandbox) -> None:
    """Calls for comments, deletion and music, which TikTok does not have, and bodies that are not JSON objects fail."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    for path in ("post/publish/comment", "video/delete", "music/search"):
        answer = await sandbox.tiktok(token, path, {})
        assert answer.status_code == 404
    headers = {"authorization": f"Bearer {token}"}
    url = "/sandbox/open.tiktokapis.com/v2/post/publish/video/init/"
    for broken in (b"{", b"[]", b'"\\ud800"', b"[" * 100_000):
        answer = await sandbox.http.post(url, content=broken, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_params")
        await sandbox.advance(20)
