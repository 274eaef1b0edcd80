"""Serving stored media over signed links, and the grants of one-off links."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from urllib.robotparser import RobotFileParser
from uuid import UUID

import pytest
from tests.api_server import Api
from tests.world import World

from presswork.core.ids import ASSET, POST, new_id, parse_id
from presswork.media.links import MediaLinks, grant, sweep_grants, withdraw
from presswork.media.samples import sample_picture
from presswork.media.store import MediaStore

DATA = bytes(range(256)) * 20
WAITS_FOR_LOCK = (
    "SELECT true FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database() LIMIT 1"
)
KEY = "media/0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55/0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e56/a"


@pytest.fixture
async def links(api: Any) -> MediaLinks:
    """Links of the test's API, with one object in its store."""
    await api.context.part(MediaStore).put_bytes(KEY, DATA, "video/mp4")
    return MediaLinks(api.base_url, api.context.keyring, timedelta(hours=6))


def in_an_hour(api: Any) -> datetime:
    """Return the instant an hour from now."""
    instant: datetime = api.context.clock.now() + timedelta(hours=1)
    return instant


async def test_media_is_served_whole_with_its_headers(api: Any, links: MediaLinks) -> None:
    """GET returns the bytes, HEAD the same headers without them; the link ends in a name with an extension."""
    client = await api.anonymous()
    url = links.url_for(KEY, "video/mp4", expires_at=in_an_hour(api))
    assert url.partition("?")[0].endswith("/video.mp4")
    got, head = await client.get(url), await client.head(url)
    assert (got.status_code, got.content) == (200, DATA)
    assert (head.status_code, head.content) == (200, b"")
    for answer in (got, head):
        assert answer.headers["content-type"] == "video/mp4"
        assert answer.headers["content-length"] == str(len(DATA))
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"] == 'inline; filename="video.mp4"'
        assert answer.headers["cache-control"].startswith("private")
        assert answer.headers["etag"] == got.headers["etag"]
    unchanged = await client.get(url, headers={"If-None-Match": f'"x", {got.headers["etag"]}'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


@pytest.mark.parametrize("crawler", ["facebookexternalhit", "meta-externalagent", "TikTokSpider", "Bytespider", "any"])
async def test_robots_txt_allows_media_to_every_crawler(api: Any, links: MediaLinks, crawler: str) -> None:
    """A crawler that obeys robots.txt may fetch media, but not the API."""
    answer = await (await api.anonymous()).get("/robots.txt", headers={"User-Agent": crawler})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines())
    assert rules.can_fetch(crawler, links.url_for(KEY, "video/mp4", expires_at=in_an_hour(api)))
    assert not rules.can_fetch(crawler, f"{api.base_url}/v1/projects")


async def test_one_range_is_served(api: Any, links: MediaLinks) -> None:
    """First, last and open ranges are 206; an unsatisfiable one is 416; unsupported ones return the whole file."""
    client = await api.anonymous()
    url = links.url_for(KEY, "video/mp4", expires_at=in_an_hour(api))
    size = len(DATA)
    for header, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=5000-", 5000, size),
        ("bytes=5000-99999", 5000, size),
        ("bytes=-5", size - 5, size),
        ("bytes=-99999", 0, size),
        ("Bytes=0-", 0, size),
    ):
        for method in ("GET", "HEAD"):
            part = await client.request(method, url, headers={"Range": header})
            assert part.status_code == 206, header
            assert part.content == (DATA[start:end] if method == "GET" else b"")
            assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
            assert part.headers["content-length"] == str(end - start)
    for header in (f"bytes={size}-", f"bytes={size}-{size + 5}", "bytes=-0"):
        none = await client.get(url, headers={"Range": header})
        assert none.status_code == 416, header
        assert none.headers["content-range"] == f"bytes */{size}"
        assert none.json()["error"]["details"] == {"sizeBytes": size}
    for header in ("bytes=0-1,5-6", "lines=0-1", "bytes=5-2", "bytes=-", "bytes=a-b", "bytes= 0-1"):
        whole = await client.get(url, headers={"Range": header})
        assert (whole.status_code, whole.content) == (200, DATA), header
    etag = (await client.head(url)).headers["etag"]
    assert (await client.get(url, headers={"Range": "bytes=0-1", "If-Range": etag})).status_code == 206
    assert (await client.get(url, headers={"Range": "bytes=0-1", "If-Range": '"other"'})).status_code == 200


async def test_only_a_genuine_link_in_time_works(api: Any, links: MediaLinks, clock: Any) -> None:
    """Without a signature, or with a forged, foreign or expired one, the answer is 401 without a hint."""
    client = await api.anonymous()
    await api.context.part(MediaStore).put_bytes(f"{KEY}b", b"secret", "video/mp4")
    url = links.url_for(KEY, "video/mp4", expires_at=in_an_hour(api))
    for bad in (
        url.partition("?")[0],
        url.replace(f"{KEY}/", f"{KEY}b/"),
        url.replace("video.mp4", "image.jpg"),
        url.replace("expires=", "expires=9"),
        url.replace("signature=", "signature=A"),
        f"{url}&grant={new_id()}",
        f"{url}&expires=9999999999",
    ):
        answer = await client.get(bad)
        assert answer.status_code == 401, bad
        assert answer.json()["error"]["code"] == "UNAUTHENTICATED"
    encoded = await client.get(f"{api.base_url}/media/..%2f..%2fsecret.key/video.mp4?{url.partition('?')[2]}")
    assert encoded.status_code == 404, "refused as a second spelling of a path, before the signature is read"
    assert (await client.put(url, content=b"x")).status_code == 405
    clock.advance(timedelta(hours=1))
    assert (await client.get(url)).status_code == 401
    assert (await client.head(url)).status_code == 401


async def test_a_link_to_a_deleted_object_is_404(api: Any, links: MediaLinks) -> None:
    """A genuine link whose object was removed says so, and nothing else."""
    client = await api.anonymous()
    url = links.url_for(f"{KEY}-gone", "image/png", expires_at=in_an_hour(api))
    answer = await client.get(url)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert "details" not in answer.json()["error"]


async def test_links_are_the_same_for_a_while(api: Any, links: MediaLinks) -> None:
    """A default link is valid for at least three quarters of its lifetime and at most the whole, and is repeatable."""
    now = api.context.clock.now()
    ends = {links.expires_at(now + timedelta(minutes=minute)) for minute in range(90)}
    assert len(ends) <= 2
    assert all(timedelta(hours=4.5) - timedelta(minutes=90) <= end - now <= timedelta(hours=7.5) for end in ends)
    assert timedelta(hours=4.5) <= links.expires_at(now) - now <= timedelta(hours=6)


async def granted(api: Any, links: MediaLinks, post_id: UUID, *, expires_at: datetime | None = None) -> str:
    """Return a one-off link of a post."""
    ends = expires_at or in_an_hour(api)
    grant_id = await grant(api.context.pool, post_id=post_id, object_key=KEY, expires_at=ends)
    return links.url_for(KEY, "video/mp4", expires_at=ends, grant_id=grant_id)


async def test_a_withdrawn_link_is_invalid_for_ever(api: Any, links: MediaLinks) -> None:
    """No link of the post was followed: all are revoked, those of other posts stay valid."""
    client, pool, now = await api.anonymous(), api.context.pool, api.context.clock.now()
    post, other = new_id(), new_id()
    urls = [await granted(api, links, post) for _ in range(3)]
    kept = await granted(api, links, other)
    assert await withdraw(pool, post, now) is True
    assert [(await client.get(url)).status_code for url in urls] == [404, 404, 404]
    assert (await client.get(kept)).content == DATA
    assert await withdraw(pool, post, now) is True
    assert await withdraw(pool, new_id(), now) is True


async def test_one_followed_link_keeps_all_valid(api: Any, links: MediaLinks) -> None:
    """GET, HEAD and a range all count as following; then withdrawing has no effect."""
    client, pool, now = await api.anonymous(), api.context.pool, api.context.clock.now()
    for method, headers in (("GET", {}), ("HEAD", {}), ("GET", {"Range": "bytes=0-0"})):
        post = new_id()
        urls = [await granted(api, links, post) for _ in range(3)]
        assert (await client.request(method, urls[1], headers=headers)).is_success
        assert await withdraw(pool, post, now) is False
        assert [(await client.get(url)).status_code for url in urls] == [200, 200, 200]


async def test_withdrawing_and_following_at_once_agree(api: Any, links: MediaLinks) -> None:
    """However they interleave: True means that no client gets a byte, False that every link is valid."""
    pool, now = api.context.pool, api.context.clock.now()
    clients = [await api.anonymous() for _ in range(3)]
    outcomes = set()
    for turn in range(24):
        post = new_id()
        urls = [await granted(api, links, post) for _ in range(3)]
        calls = [client.get(url) for client, url in zip(clients, urls, strict=True)]
        calls.insert(turn % 4, withdraw(pool, post, now))
        answers = await asyncio.gather(*calls)
        is_off = answers.pop(turn % 4)
        assert {answer.status_code for answer in answers} == ({404} if is_off else {200})
        outcomes.add(is_off)
    assert outcomes <= {True, False}


async def test_a_withdrawal_waits_for_a_fetch_under_way(api: Any, links: MediaLinks) -> None:
    """A fetch that has marked its grant and not yet committed is detected, and no other link of the post is revoked."""
    pool, now = api.context.pool, api.context.clock.now()
    post = new_id()
    for _ in range(3):
        await granted(api, links, post)
    async with pool.acquire() as connection, pool.acquire() as watcher:
        async with connection.transaction():
            await connection.execute(
                "UPDATE media_grants SET fetched_at = $2 WHERE id = (SELECT max(id::text)::uuid FROM media_grants WHERE post_id = $1)",
                post,
                now,
            )
            withdrawal = asyncio.create_task(withdraw(pool, post, now))
            while not await watcher.fetchval(WAITS_FOR_LOCK):
                pass
        assert await withdrawal is False
    assert await pool.fetchval("SELECT count(*) FROM media_grants WHERE withdrawn_at IS NOT NULL") == 0


async def test_a_grant_expires_and_is_valid_for_one_object(api: Any, links: MediaLinks, clock: Any) -> None:
    """An expired grant, an unknown one or another object's grants no access."""
    client, pool = await api.anonymous(), api.context.pool
    late, early = api.context.clock.now() + timedelta(hours=2), in_an_hour(api)
    grant_id = await grant(pool, post_id=new_id(), object_key=KEY, expires_at=early)
    await api.context.part(MediaStore).put_bytes(f"{KEY}b", b"secret", "video/mp4")
    for url in (
        links.url_for(f"{KEY}b", "video/mp4", expires_at=late, grant_id=grant_id),
        links.url_for(KEY, "video/mp4", expires_at=late, grant_id=new_id()),
    ):
        assert (await client.get(url)).status_code == 404
    clock.advance(timedelta(hours=1))
    assert (await client.get(links.url_for(KEY, "video/mp4", expires_at=late, grant_id=grant_id))).status_code == 404


async def test_grants_are_swept_once_their_post_is_over(api: Any, links: MediaLinks, clock: Any) -> None:
    """Grants are deleted a day after their expiry, unless their post is active: then they still prove whether it may repeat."""
    pool, now = api.context.pool, clock.now()
    posts = {status: new_id() for status in ("queued", "publishing", "published")}
    for status, post in posts.items():
        await insert_post(pool, post, status, now)
        await granted(api, links, post)
    await granted(api, links, new_id())
    clock.advance(timedelta(hours=24))
    await sweep_grants(pool, clock.now())
    assert await pool.fetchval("SELECT count(*) FROM media_grants") == 4
    clock.advance(timedelta(hours=2))
    await sweep_grants(pool, clock.now())
    left = {row["post_id"] for row in await pool.fetch("SELECT post_id FROM media_grants LIMIT 10")}
    assert left == {posts["queued"], posts["publishing"]}


async def insert_post(pool: Any, post_id: UUID, status: str, now: datetime) -> None:
    """Insert a post directly into the database."""
    await pool.execute(
        """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id,
               platform, mode, status, scheduled_for, run_at, leased_until, platform_state, error_count, version, created_at, updated_at)
           VALUES ($1, $1, $1, 'test', $1, $1, 'instagram', 'publish', $2, $3::timestamptz, $3,
                   CASE WHEN $2 = 'publishing' THEN $3::timestamptz END, '{}', 0, 1, $3, $3)""",
        post_id,
        status,
        now,
    )


async def test_media_of_an_archived_project_is_closed_at_once(api: Api, world: World) -> None:
    """Links that work for hours end with the project, except while a platform may fetch what it was asked to make live."""
    pool, project = api.context.pool, await world.project()
    content = await world.content(project, sample_picture(64, 80))
    account = await world.account(project, "instagram", "bakery")
    (post,) = await world.publish(content, account)
    (media,) = (await world.client.get(f"/v1/content/{content}")).json()["media"]
    rendition = f"renditions/{parse_id(ASSET, media['id'])}/0.jpg"
    await api.context.part(MediaStore).put_bytes(rendition, DATA, "image/jpeg")
    made = MediaLinks(api.base_url, api.context.keyring, timedelta(hours=6))
    key = await pool.fetchval("SELECT object_key FROM media_assets")
    grant_id = await grant(pool, post_id=parse_id(POST, post), object_key=key, expires_at=in_an_hour(api))
    urls = [
        media["url"],
        media["thumbnailUrl"],
        made.url_for(rendition, "image/jpeg", expires_at=in_an_hour(api)),
        made.url_for(key, "image/jpeg", expires_at=in_an_hour(api), grant_id=grant_id),
    ]
    client = await api.anonymous()

    async def answers() -> set[int]:
        return {(await client.request(method, url)).status_code for url in urls for method in ("GET", "HEAD")}

    assert await answers() == {200}
    await pool.execute(
        "UPDATE scheduled_posts SET status = 'publishing', leased_until = now(), attempted_at = now(), live_call_at = now()"
    )
    assert (await world.client.patch(f"/v1/projects/{project}", json={"status": "archived"})).status_code == 200
    assert await answers() == {200}
    await pool.execute("UPDATE media_grants SET fetched_at = NULL")
    await pool.execute("UPDATE scheduled_posts SET status = 'failed', leased_until = NULL")
    assert await answers() == {404}
    assert await pool.fetchval("SELECT fetched_at FROM media_grants") is None
    other = await world.content(await world.project(), sample_picture(64, 80))
    (media,) = (await world.client.get(f"/v1/content/{other}")).json()["media"]
    assert (await client.get(media["url"])).status_code == 200
