"""Google's own API client for Python, unchanged but for the root of its addresses, publishes to the fake YouTube."""

import asyncio
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import google.oauth2.credentials
import pytest
from googleapiclient import discovery  # type: ignore[import-untyped]  # the client has no types
from googleapiclient.discovery_cache import get_static_doc  # type: ignore[import-untyped]  # as above
from googleapiclient.errors import HttpError  # type: ignore[import-untyped]  # as above
from googleapiclient.http import MediaFileUpload, MediaIoBaseUpload  # type: ignore[import-untyped]  # as above
from tests.sandbox.running_sandbox import RunningSandbox, clip, picture
from tests.sandbox.youtube import BLOCK, SRT, YouTube, video

Client = Any  # googleapiclient makes the methods of a client from a document when it runs


@pytest.fixture
async def youtube(sandbox: RunningSandbox) -> YouTube:
    """A client of the fake YouTube that is logged in."""
    youtube = YouTube(sandbox)
    await youtube.login()
    return youtube


@pytest.fixture
def client(youtube: YouTube) -> Iterator[Client]:
    """Google's client.

    Its static discovery document gets the sandbox as `rootUrl`. The client's option `api_endpoint` is not enough: it changes
    the host of upload addresses, but neither their scheme nor their path.
    """
    document = json.loads(get_static_doc("youtube", "v3"))
    document["rootUrl"] = f"{youtube.sandbox.address}/sandbox/youtube.googleapis.com/"
    with discovery.build_from_document(document, credentials=credentials_of(youtube)) as client:
        yield client


def credentials_of(youtube: YouTube) -> google.oauth2.credentials.Credentials:
    """Return the credentials of a login, which Google's library refreshes by itself."""
    return google.oauth2.credentials.Credentials(  # type: ignore[no-untyped-call]  # untyped in google-auth
        youtube.token,
        refresh_token=youtube.refresh_token,
        token_uri=f"{youtube.sandbox.address}/sandbox/oauth2.googleapis.com/token",
        client_id=youtube.client_id,
        client_secret="x",
    )


def publish(client: Client, path: Path) -> str:
    """Upload a video in chunks, set its thumbnail, make it public and comment on it; return its id."""
    media = MediaFileUpload(str(path), mimetype="video/mp4", chunksize=BLOCK, resumable=True)
    request = client.videos().insert(part="snippet,status", body=video(), media_body=media)
    progress, made = [], None
    while made is None:
        status, made = request.next_chunk()
        progress += [] if status is None else [status.resumable_progress]
    assert progress == [BLOCK, 2 * BLOCK]
    video_id = str(made["id"])
    [listed] = client.videos().list(part="status,snippet", id=video_id).execute()["items"]
    assert (listed["status"]["privacyStatus"], listed["snippet"]["title"]) == ("private", "A walk")
    client.videos().list(part="status", id=video_id).execute()  # the second question ends the processing
    cover = MediaFileUpload(str(path.with_suffix(".jpg")), mimetype="image/jpeg")
    assert client.thumbnails().set(videoId=video_id, media_body=cover).execute()["items"]
    change = {"id": video_id, "status": {"privacyStatus": "public", "selfDeclaredMadeForKids": False}}
    assert client.videos().update(part="status", body=change).execute()["status"]["privacyStatus"] == "public"
    playlist = client.playlists().insert(part="snippet", body={"snippet": {"title": "Films"}}).execute()["id"]
    place = {"playlistId": playlist, "resourceId": {"kind": "youtube#video", "videoId": video_id}}
    assert client.playlistItems().insert(part="snippet", body={"snippet": place}).execute()["snippet"]["position"] == 0
    track = {"snippet": {"videoId": video_id, "language": "de", "name": "", "isDraft": False}}
    file = MediaIoBaseUpload(io.BytesIO(SRT), mimetype="application/octet-stream")
    assert (
        client.captions().insert(part="snippet", body=track, media_body=file).execute()["snippet"]["language"] == "de"
    )
    [listed] = client.captions().list(part="snippet", videoId=video_id).execute()["items"]
    assert listed["snippet"]["name"] == ""
    [channel] = client.channels().list(part="id", mine=True).execute()["items"]
    top = {"snippet": {"textOriginal": "First"}}
    snippet = {"channelId": channel["id"], "videoId": video_id, "topLevelComment": top}
    client.commentThreads().insert(part="snippet", body={"snippet": snippet}).execute()
    [thread] = client.commentThreads().list(part="snippet", videoId=video_id).execute()["items"]
    assert thread["snippet"]["topLevelComment"]["snippet"]["textOriginal"] == "First"
    return video_id


async def test_googles_client_publishes_a_video(youtube: YouTube, client: Client, tmp_path: Path) -> None:
    """Resumable upload, thumbnail, update, playlist, captions, comment, lists and deletion, by the library's own methods."""
    data = clip()
    padding = 2 * BLOCK + 5000 - len(data)
    path = tmp_path / "film.mp4"
    path.write_bytes(data + padding.to_bytes(4, "big") + b"free" + bytes(padding - 8))
    path.with_suffix(".jpg").write_bytes(picture(1280, 720))
    video_id = await asyncio.to_thread(publish, client, path)
    [post] = await youtube.sandbox.items("posts")
    assert (post["externalId"], post["privacy"], post["comments"]) == (video_id, "public", ["First"])
    uploads = {"part": "contentDetails", "playlistId": "UU" + (await youtube.channel_id())[2:]}
    await youtube.sandbox.advance(2)
    listed = await asyncio.to_thread(client.playlistItems().list(**uploads).execute)
    assert [item["contentDetails"]["videoId"] for item in listed["items"]] == [video_id]
    await asyncio.to_thread(client.videos().delete(id=video_id).execute)
    assert await youtube.sandbox.items("posts") == []


async def test_googles_client_resumes_an_upload(youtube: YouTube, client: Client, tmp_path: Path) -> None:
    """After an error and a lost answer, the library asks the session and goes on: one video."""
    path = tmp_path / "film.mp4"
    path.write_bytes(clip())
    media = MediaFileUpload(str(path), mimetype="video/mp4", resumable=True)
    request = client.videos().insert(part="snippet,status", body=video(), media_body=media)
    await youtube.sandbox.fault("youtube", "upload", "http_500")
    with pytest.raises(HttpError) as failed:
        await asyncio.to_thread(request.next_chunk)
    assert (failed.value.status_code, failed.value.error_details[0]["reason"]) == (500, "backendError")
    _, made = await asyncio.to_thread(request.next_chunk)
    assert [post["externalId"] for post in await youtube.sandbox.items("posts")] == [made["id"]]


async def test_googles_client_refreshes_and_reads_errors(youtube: YouTube, client: Client) -> None:
    """A dead access token is refreshed by the library; the reason of a refusal is where it looks for it."""
    await youtube.sandbox.advance(3600)
    [channel] = (await asyncio.to_thread(client.channels().list(part="snippet", mine=True).execute))["items"]
    assert channel["snippet"]["customUrl"] == "@lens"
    with pytest.raises(HttpError) as refused:
        await asyncio.to_thread(client.videos().delete(id="none").execute)
    assert (refused.value.status_code, refused.value.error_details[0]["reason"]) == (404, "videoNotFound")


async def test_googles_client_with_its_option_for_the_endpoint(youtube: YouTube) -> None:
    """Every call that uploads nothing works with `api_endpoint` and the discovery document as it is."""
    endpoint = f"{youtube.sandbox.address}/sandbox/youtube.googleapis.com"
    options = {"api_endpoint": endpoint}
    with discovery.build("youtube", "v3", credentials=credentials_of(youtube), client_options=options) as client:
        [channel] = (await asyncio.to_thread(client.channels().list(part="id", mine=True).execute))["items"]
    assert channel["id"] == await youtube.channel_id()


async def test_googles_client_uploads_a_stream(youtube: YouTube, client: Client, reel: bytes) -> None:
    """A file in memory is uploaded in one request."""
    media = MediaIoBaseUpload(io.BytesIO(reel), mimetype="video/mp4", chunksize=-1, resumable=True)
    request = client.videos().insert(part="snippet,status", body=video(privacy="unlisted"), media_body=media)
    made = await asyncio.to_thread(request.execute)
    assert (await youtube.status(made["id"]))["privacyStatus"] == "unlisted"


async def test_googles_client_uploads_without_a_session(youtube: YouTube, client: Client, tmp_path: Path) -> None:
    """Without `resumable`, the library sends the video and its parts in one multipart request."""
    path = tmp_path / "film.mp4"
    path.write_bytes(clip())
    media = MediaFileUpload(str(path), mimetype="video/mp4")
    request = client.videos().insert(part="snippet,status", body=video("One request"), media_body=media)
    made = await asyncio.to_thread(request.execute)
    assert (made["snippet"]["title"], made["status"]["privacyStatus"]) == ("One request", "private")
    await youtube.upload(path.read_bytes())
    first, second = await youtube.sandbox.items("posts")
    assert first["media"] == second["media"]
