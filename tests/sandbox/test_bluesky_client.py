"""A third-party client, the `atproto` package, posts to the sandbox: only its base URL is another one."""

import importlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.sandbox.bluesky_client import PASSWORD, PDS, SOCIAL
from tests.sandbox.running_sandbox import RunningSandbox, picture

# The client sends bytes in a way that its own HTTP library has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>' to upload raw bytes:DeprecationWarning")


AsyncClient = Any  # the package has types, but does not say so


@pytest.fixture(scope="module")
def atproto() -> Any:  # Any: a module that is imported at run time
    """The package. Its import takes longer than all these tests, so collection must not wait for it."""
    return importlib.import_module("atproto")


@pytest.fixture
async def client(sandbox: RunningSandbox, atproto: Any) -> AsyncIterator[AsyncClient]:  # Any: as above
    """A client that logged in with an app password."""
    client = atproto.AsyncClient(base_url=f"{sandbox.address}/sandbox/{SOCIAL}")
    profile = await client.login("brand.bsky.social", PASSWORD)
    assert profile is not None
    assert (profile.handle, profile.did[:8]) == ("brand.bsky.social", "did:plc:")
    yield client
    await client.request.close()


@pytest.mark.exhaustive
async def test_a_client_posts_text(sandbox: RunningSandbox, client: AsyncClient, atproto: Any) -> None:
    """After login it calls the account's own server, and its post with a tag and a link is live."""
    text = (
        atproto.client_utils.TextBuilder()
        .text("Grüße ")
        .tag("#kaffee", "kaffee")
        .text(" ")
        .link("here", "https://example.com")
    )
    made = await client.send_post(text, langs=["de"])
    [post] = await sandbox.items("posts?platform=bluesky")
    assert (post["externalId"], post["caption"], post["kind"]) == (made.uri, "Grüße #kaffee here", "text")
    assert [facet["index"] for facet in post["params"]["facets"]] == [
        {"byteStart": 8, "byteEnd": 15, "$type": "app.bsky.richtext.facet#byteSlice"},
        {"byteStart": 16, "byteEnd": 20, "$type": "app.bsky.richtext.facet#byteSlice"},
    ]
    calls = await sandbox.calls(platform="bluesky")
    assert [(call["host"], call["operation"], call["status"]) for call in calls] == [
        (SOCIAL, "create_session", 200),
        (PDS, "get_profile", 200),
        (PDS, "create_record", 200),
    ]


@pytest.mark.exhaustive
async def test_a_client_posts_images(sandbox: RunningSandbox, client: AsyncClient) -> None:
    """Two pictures with alternative texts are uploaded as blobs, and shown in their order."""
    images = [picture(hue=hue) for hue in (10, 200)]
    await client.send_images("Two", images, ["one", "two"])
    [post] = await sandbox.items("posts?platform=bluesky")
    assert [(media["contentType"], media["width"]) for media in post["media"]] == [("image/jpeg", 1080)] * 2
    assert [image["alt"] for image in post["params"]["embed"]["images"]] == ["one", "two"]


async def test_a_client_posts_a_video(sandbox: RunningSandbox, client: AsyncClient, atproto: Any, reel: bytes) -> None:
    """A video that is uploaded as a blob, as this client does, is live; a reply to it is a comment of its post."""
    made = await client.send_video("Clip", reel, "a clip")
    ref = atproto.models.create_strong_ref(made)
    await client.send_post("First", reply_to=atproto.models.AppBskyFeedPost.ReplyRef(parent=ref, root=ref))
    [post] = await sandbox.items("posts?platform=bluesky")
    assert [media["contentType"] for media in post["media"]] == ["video/mp4"]
    assert post["comments"] == ["First"]


@pytest.mark.exhaustive
async def test_a_client_posts_a_gallery(sandbox: RunningSandbox, client: AsyncClient, atproto: Any) -> None:
    """Six pictures are a gallery, whose items the client's own models describe."""
    ratio = atproto.models.AppBskyEmbedDefs.AspectRatio(width=1, height=1)
    blobs = [(await client.upload_blob(picture(60, 60, hue=hue))).blob for hue in range(0, 360, 60)]
    items = [atproto.models.AppBskyEmbedGallery.Image(alt="", image=blob, aspect_ratio=ratio) for blob in blobs]
    await client.send_post("Six", embed=atproto.models.AppBskyEmbedGallery.Main(items=list(items)))
    [post] = await sandbox.items("posts?platform=bluesky")
    assert len({media["sha256"] for media in post["media"]}) == 6


@pytest.mark.exhaustive
async def test_a_client_continues_a_session(sandbox: RunningSandbox, client: AsyncClient, atproto: Any) -> None:
    """Another client continues the session from its string; the app shows a post two seconds after it was made."""
    other = atproto.AsyncClient()
    await other.login(session_string=client.export_session_string())
    made = await other.send_post("Again")
    assert (await other.get_posts([made.uri])).posts == []
    await sandbox.advance(2)
    assert [post.record.text for post in (await other.get_posts([made.uri])).posts] == ["Again"]
    await other.request.close()


async def test_a_client_deletes_and_reads_errors(sandbox: RunningSandbox, client: AsyncClient) -> None:
    """Deleting a post takes it down; errors arrive by name."""
    made = await client.send_post("Gone")
    assert await client.delete_post(made.uri)
    assert await sandbox.items("posts?platform=bluesky") == []
    exceptions = importlib.import_module("atproto.exceptions")
    with pytest.raises(exceptions.BadRequestError) as refused:
        await client.send_post("x" * 301)
    assert "Record/text must not be longer than 300 graphemes" in str(refused.value)
    await sandbox.account("bluesky", "other.bsky.social", appPassword="wxyz-wxyz-wxyz-wxyz")
    with pytest.raises(exceptions.UnauthorizedError):
        await client.login("other.bsky.social", PASSWORD)
