"""Meta's own client, `facebook-business`, publishes to the sandbox unchanged: only the address of its API is another."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from facebook_business.adobjects.page import Page  # type: ignore[import-untyped]  # untyped
from facebook_business.adobjects.pagepost import PagePost  # type: ignore[import-untyped]  # untyped
from facebook_business.adobjects.user import User  # type: ignore[import-untyped]  # untyped
from facebook_business.api import FacebookAdsApi  # type: ignore[import-untyped]  # untyped
from facebook_business.exceptions import FacebookRequestError  # type: ignore[import-untyped]  # untyped
from facebook_business.session import FacebookSession  # type: ignore[import-untyped]  # untyped
from tests.sandbox.facebook_pages import PAGE_SCOPES
from tests.sandbox.running_sandbox import RunningSandbox, picture


@pytest.fixture
def client_at_sandbox(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSandbox]:
    """Point the client at the sandbox."""
    monkeypatch.setattr(FacebookSession, "GRAPH", f"{sandbox.address}/sandbox/graph.facebook.com")
    yield sandbox
    FacebookAdsApi.set_default_api(None)


def page_of(user_token: str) -> tuple[Page, FacebookAdsApi]:
    """Return the first Page of a person, and the client with its token."""
    person = FacebookAdsApi.init(app_id="1", app_secret="x", access_token=user_token, crash_log=False)
    [found] = User("me", api=person).get_accounts(fields=["id", "name", "access_token"])
    api = FacebookAdsApi.init(app_id="1", app_secret="x", access_token=found["access_token"], crash_log=False)
    return Page(found["id"], api=api), api


async def test_photos(client_at_sandbox: RunningSandbox) -> None:
    """The client stages two photos, attaches them to a post, and reads its permalink and comments."""
    sandbox = client_at_sandbox
    token = await sandbox.facebook_login("luna", scope=PAGE_SCOPES)
    urls = [sandbox.media.put(f"{hue}.jpg", picture(hue=hue)) for hue in (10, 200)]

    def publish() -> tuple[str, str, str]:
        page, api = page_of(token)
        photos = [page.create_photo(params={"url": url, "published": False}) for url in urls]
        media = [{"media_fbid": photo["id"]} for photo in photos]
        made = page.create_feed(params={"message": "From the client", "attached_media": media})
        post = PagePost(made["id"], api=api)
        read = post.api_get(fields=["permalink_url", "message"])
        comment = post.create_comment(params={"message": "First"})
        assert [one["id"] for one in post.get_comments(fields=["id", "message"])] == [comment["id"]]
        with pytest.raises(FacebookRequestError) as refused:
            page.create_feed(params={"attached_media": media})
        assert refused.value.api_error_subcode() == 1366051
        return post["id"], read["permalink_url"], read["message"]

    post_id, url, message = await asyncio.to_thread(publish)
    [post] = await sandbox.items("posts")
    assert (post["externalId"], post["url"], message) == (post_id, url, "From the client")
    assert (len(post["media"]), post["comments"]) == (2, ["First"])


async def test_videos(client_at_sandbox: RunningSandbox, reel: bytes, tmp_path: Path) -> None:
    """The client publishes a video by its URL and one as a file, and sees them published."""
    sandbox = client_at_sandbox
    token = await sandbox.facebook_login("luna", scope=PAGE_SCOPES)
    url = sandbox.media.put("c.mp4", reel)
    file = tmp_path / "clip.mp4"
    file.write_bytes(reel)

    def publish() -> list[str]:
        page, api = page_of(token)
        by_url = page.create_video(params={"file_url": url, "description": "By its URL", "title": "One"})
        path = (page.get_id_assured(), "videos")
        with file.open("rb") as opened:
            by_file = api.call("POST", path, params={"description": "As a file"}, files={"source": opened}).json()
        return [by_url["id"], by_file["id"]]

    def is_published(video: str) -> bool:
        _, api = page_of(token)
        found = api.call("GET", (video,), params={"fields": "status,published"}).json()
        return bool(found["published"])

    videos = await asyncio.to_thread(publish)
    assert not await asyncio.to_thread(is_published, videos[0])
    await sandbox.advance(60)
    assert [await asyncio.to_thread(is_published, video) for video in videos] == [True, True]
    posts = await sandbox.items("posts")
    assert [post["kind"] for post in posts] == ["facebook_video", "facebook_video"]
    assert [post["caption"] for post in posts] == ["By its URL", "As a file"]
