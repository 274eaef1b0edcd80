"""Deletions and edits on every platform that has them: faults strike them as they strike publishing, and the person deletes too."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import httpx2
from tests.every_row import every_row
from tests.sandbox import (
    bluesky_client,
    facebook_pages,
    linkedin_client,
    mastodon_client,
    pinterest_client,
    threads_client,
)
from tests.sandbox.running_sandbox import FB_SCOPES, JSON, RunningSandbox
from tests.sandbox.youtube import YouTube, video

DELETING = f"{FB_SCOPES},instagram_manage_contents"
Change = Callable[[], Awaitable[httpx2.Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A live post of an account, and the calls that change it, by operation."""

    platform: str
    external_id: str
    edits: Mapping[str, Change]
    deletions: Mapping[str, Change]


async def on_instagram(sandbox: RunningSandbox) -> Live:
    """Publish a picture, which only the token of a login by Facebook can delete."""
    media_id = await sandbox.post_picture(await sandbox.graph_login("luna"), caption="Old")
    token = await sandbox.facebook_login("luna", scope=DELETING)
    delete = {"media_delete": lambda: sandbox.facebook(token, "DELETE", media_id)}
    return Live(platform="instagram", external_id=media_id, edits={}, deletions=delete)


async def on_threads(sandbox: RunningSandbox) -> Live:
    """Publish a text."""
    threads = await threads_client.login(sandbox, "luna")
    media_id = await threads.post(media_type="TEXT", text="Old")
    delete = {"delete": lambda: threads.call("DELETE", media_id)}
    return Live(platform="threads", external_id=media_id, edits={}, deletions=delete)


async def on_facebook(sandbox: RunningSandbox) -> Live:
    """Publish a text."""
    page = await facebook_pages.connect(sandbox)
    post_id = (await page.call("POST", f"{page.id}/feed", message="Old")).json()["id"]
    return Live(
        platform="facebook",
        external_id=post_id,
        edits={"post_update": lambda: page.call("POST", post_id, message="New")},
        deletions={"delete": lambda: page.call("DELETE", post_id)},
    )


async def on_youtube(sandbox: RunningSandbox, reel: bytes) -> Live:
    """Publish a video."""
    youtube = YouTube(sandbox)
    await youtube.login("luna")
    made = await youtube.upload(reel, video(privacy="public", description="Old"))
    change = {"id": made["id"], "snippet": {"title": "Cat", "categoryId": "22", "description": "New"}}
    path = "youtube/v3/videos"
    return Live(
        platform="youtube",
        external_id=made["id"],
        edits={"videos_update": lambda: youtube.call("PUT", path, change, part="snippet")},
        deletions={"videos_delete": lambda: youtube.call("DELETE", path, id=made["id"])},
    )


async def on_linkedin(sandbox: RunningSandbox) -> Live:
    """Publish a text of a member."""
    client, me = await linkedin_client.member(sandbox, "luna")
    urn = await client.posted(me, "Old")
    return Live(
        platform="linkedin",
        external_id=urn,
        edits={"post_update": lambda: client.update(urn, commentary="New")},
        deletions={"delete": lambda: client.delete(urn)},
    )


async def on_bluesky(sandbox: RunningSandbox) -> Live:
    """Publish a text."""
    session = await bluesky_client.sign_in(sandbox)
    rkey = bluesky_client.RKEYS[0]
    uri = (await session.put(rkey, bluesky_client.post_record("Old"))).json()["uri"]
    body = {"repo": session.did, "collection": bluesky_client.POST, "rkey": rkey}
    delete = {"delete_record": lambda: session.post("com.atproto.repo.deleteRecord", body)}
    return Live(platform="bluesky", external_id=uri, edits={}, deletions=delete)


async def on_mastodon(sandbox: RunningSandbox) -> Live:
    """Publish a text."""
    mastodon = await mastodon_client.login(sandbox)
    path = f"statuses/{(await mastodon.posted('Old'))['id']}"
    return Live(
        platform="mastodon",
        external_id=path.removeprefix("statuses/"),
        edits={"status_update": lambda: mastodon.call("PUT", path, {"status": "New"})},
        deletions={"status_delete": lambda: mastodon.call("DELETE", path)},
    )


async def on_pinterest(sandbox: RunningSandbox) -> Live:
    """Publish a picture."""
    pinterest = await pinterest_client.login(sandbox)
    path = f"pins/{(await pinterest.pinned(description='Old'))['id']}"
    return Live(
        platform="pinterest",
        external_id=path.removeprefix("pins/"),
        edits={"pin_update": lambda: pinterest.call("PATCH", path, {"description": "New"})},
        deletions={"pin_delete": lambda: pinterest.call("DELETE", path)},
    )


async def every_live_post(sandbox: RunningSandbox, reel: bytes) -> list[Live]:
    """Publish a post on each platform that can delete."""
    return [
        await on_facebook(sandbox),
        await on_threads(sandbox),
        await on_youtube(sandbox, reel),
        await on_linkedin(sandbox),
        await on_bluesky(sandbox),
        await on_mastodon(sandbox),
        await on_pinterest(sandbox),
        await on_instagram(sandbox),
    ]


def reason_of(answer: httpx2.Response) -> object:
    """Return the number or the word that says why a platform refused a call; None where it has none."""
    body: JSON = {} if answer.status_code < 300 else answer.json()
    error = body.get("error", body)
    if isinstance(error, str):
        return None
    return error.get("error_subcode") or (error["errors"][0]["reason"] if "errors" in error else error.get("code"))


async def is_lost(call: Change) -> bool:
    """Return whether the answer to a call was lost."""
    try:
        await call()
    except httpx2.TransportError:
        return True
    return False


async def test_lost_answers(sandbox: RunningSandbox, reel: bytes) -> None:
    """A change whose answer is lost happened, did not, or comes later, as the fault says; an error comes before it."""
    with every_row() as row:
        for live in await every_live_post(sandbox, reel):
            path = f"posts?platform={live.platform}"

            async def text_of(path: str = path) -> str | None:
                found = await sandbox.items(path)
                return found[0]["caption"] if found else None

            for changes, after in ((live.edits, "New"), (live.deletions, None)):
                for operation, call in changes.items():
                    before = await text_of()
                    with row(live.platform, operation):
                        for fault in ("http_500", "html_502"):
                            await sandbox.fault(live.platform, operation, fault)
                            assert (await call()).status_code >= 500
                        for fault, more in (
                            ("drop_before_effect", {}),
                            ("late_effect", {"value": {"ms": 1000}}),
                        ):
                            await sandbox.fault(live.platform, operation, fault, **more)
                            assert await is_lost(call)
                            assert await text_of() == before
                        await sandbox.advance(1)
                        assert await text_of() == after
        assert await sandbox.items("faults") == []


async def test_the_effect_before_a_lost_answer(sandbox: RunningSandbox, reel: bytes) -> None:
    """After drop_after_effect the post is gone, and is listed as deleted, once; a repetition of the call is no server error."""
    with every_row() as row:
        for live in await every_live_post(sandbox, reel):
            for operation, call in live.deletions.items():
                with row(live.platform, operation):
                    await sandbox.fault(live.platform, operation, "drop_after_effect")
                    assert await is_lost(call)
                    assert await sandbox.items(f"posts?platform={live.platform}") == []
                    assert (await call()).status_code < 500
                    [deleted] = await sandbox.items(f"posts?platform={live.platform}&deleted=true")
                    assert (deleted["externalId"], deleted["caption"]) == (live.external_id, "Old")


async def test_the_person_deletes_in_the_app(sandbox: RunningSandbox, reel: bytes) -> None:
    """DELETE posts names platform and id, and may name the handle; then the API finds the post no more than a person does."""
    gone: dict[str, tuple[int, object]] = {
        "mastodon": (404, None),
        "pinterest": (404, 50),
        "facebook": (400, 33),
        "threads": (400, 33),
        "youtube": (404, "videoNotFound"),
        "linkedin": (204, None),
        "bluesky": (200, None),
        "instagram": (400, 33),
    }
    with every_row() as row:
        for live in await every_live_post(sandbox, reel):
            with row(live.platform):
                [post] = await sandbox.items(f"posts?platform={live.platform}")
                named = f"posts?platform={live.platform}&externalId={live.external_id}"
                for wrong in (f"{named}&handle=nova", f"posts?platform={live.platform}&externalId=none"):
                    assert (await sandbox.control("DELETE", wrong)).status_code == 400
                removed = await sandbox.control("DELETE", f"{named}&handle={post['handle'].upper()}")
                assert removed.json() == {"externalId": live.external_id}
                assert (await sandbox.control("DELETE", named)).status_code == 400
                page = await sandbox.http.get("/sandbox/" + post["url"].removeprefix("https://"))
                assert page.status_code == 404
                [call] = live.deletions.values()
                answer = await call()
                assert (answer.status_code, reason_of(answer)) == gone[live.platform]


async def test_a_deletion_in_the_app_names_a_post(sandbox: RunningSandbox) -> None:
    """Without platform or id nothing is deleted."""
    for query in ("", "?platform=threads", "?externalId=1", "?platform=sms&externalId=1", "?platform=x&externalId=1"):
        answer = await sandbox.control("DELETE", f"posts{query}")
        assert (answer.status_code, bool(answer.json()["error"]["message"])) == (400, True), query
