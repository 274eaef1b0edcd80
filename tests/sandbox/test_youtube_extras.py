"""What a video gets beside its file: playlists and captions, by the documented calls, and how they are listed."""

from collections.abc import Awaitable, Callable

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import JSON, RunningSandbox, picture
from tests.sandbox.youtube import PREFIX, SRT, YouTube, reason_of, video

ITEMS, PLAYLISTS, CAPTIONS = "youtube/v3/playlistItems", "youtube/v3/playlists", "youtube/v3/captions"
VTT = b"WEBVTT\n\n00:00.000 --> 00:01.500\nHello\n"


@pytest.fixture
async def youtube(sandbox: RunningSandbox) -> YouTube:
    """A client of the fake YouTube that is logged in."""
    youtube = YouTube(sandbox)
    await youtube.login()
    return youtube


async def made_playlist(youtube: YouTube, title: str = "Bread", handle: str = "lens") -> str:
    """Make a playlist as the person does in the app, and return its id."""
    answer = await youtube.sandbox.control("POST", "playlists", {"handle": handle, "title": title})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def videos_in(youtube: YouTube, playlist: str, **query: object) -> list[str]:
    """Return the videos of a playlist in their order."""
    found = await youtube.ok("GET", ITEMS, part="snippet,contentDetails,status", playlistId=playlist, **query)
    return [item["snippet"]["resourceId"]["videoId"] for item in found["items"]]


async def test_playlists(youtube: YouTube) -> None:
    """Those of the app and of the API are listed in pages, private ones for their owner alone."""
    first = await made_playlist(youtube, "A")
    body = {"snippet": {"title": "B", "description": "Rye"}, "status": {"privacyStatus": "private"}}
    second = await youtube.ok("POST", PLAYLISTS, body, part="snippet,status")
    assert (second["kind"], second["snippet"]["title"], second["status"]) == (
        "youtube#playlist",
        "B",
        {"privacyStatus": "private"},
    )
    query = {"part": "snippet,status,contentDetails", "mine": "true", "maxResults": 1}
    page = await youtube.ok("GET", PLAYLISTS, **query)
    assert page["pageInfo"] == {"totalResults": 2, "resultsPerPage": 1}
    rest = await youtube.ok("GET", PLAYLISTS, **query, pageToken=page["nextPageToken"])
    assert [item["id"] for item in page["items"] + rest["items"]] == [first, second["id"]]
    assert page["items"][0]["contentDetails"] == {"itemCount": 0}
    stranger = YouTube(youtube.sandbox)
    await stranger.login("stranger")
    seen = await stranger.ok("GET", PLAYLISTS, part="id", channelId=second["snippet"]["channelId"])
    assert [item["id"] for item in seen["items"]] == [first]
    assert (await stranger.ok("GET", PLAYLISTS, part="id", id=f"{first},{second['id']}"))["items"] == seen["items"]
    assert (await stranger.ok("GET", PLAYLISTS, part="id", mine="true"))["items"] == []
    found = await youtube.sandbox.items("playlists?handle=lens")
    assert [(one["id"], one["title"], one["videoIds"]) for one in found] == [(first, "A", []), (second["id"], "B", [])]
    assert await youtube.sandbox.items("playlists?handle=stranger") == []
    refused: list[tuple[JSON, str]] = [
        ({}, "playlistTitleRequired"),
        ({"snippet": {"title": " "}}, "playlistTitleRequired"),
        ({"snippet": {"title": "x" * 151}}, "invalidPlaylistSnippet"),
        ({"snippet": {"title": "x"}, "status": {"privacyStatus": "mine"}}, "badRequest"),
    ]
    for wrong, reason in refused:
        answer = await youtube.call("POST", PLAYLISTS, wrong, part="snippet,status")
        assert reason_of(answer) == (400, reason), wrong
    assert reason_of(await youtube.call("GET", PLAYLISTS, part="id")) == (400, "missingRequiredParameter")
    for bad in ({"handle": "lens"}, {"handle": "lens", "title": ""}, {"handle": "lens", "title": "A", "id": "PL1"}):
        assert (await youtube.sandbox.control("POST", "playlists", bad)).status_code == 400


async def test_videos_in_playlists(youtube: YouTube, reel: bytes) -> None:
    """An insert has no key: a repeat adds the video again, and the filter by video says whether it is there."""
    playlist, other = await made_playlist(youtube), await made_playlist(youtube, "Rolls")
    one, two = [(await youtube.upload(reel, video(title)))["id"] for title in ("One", "Two")]
    assert await videos_in(youtube, playlist, videoId=one) == []
    made = (await youtube.add(playlist, one)).json()
    assert (made["kind"], made["snippet"]["playlistId"], made["snippet"]["position"]) == (
        "youtube#playlistItem",
        playlist,
        0,
    )
    assert (await youtube.add(playlist, two, position=0, note="First")).status_code == 200
    assert await videos_in(youtube, playlist) == [two, one]
    assert await videos_in(youtube, playlist, videoId=one) == [one]
    assert await videos_in(youtube, other, videoId=one) == []
    again = (await youtube.add(playlist, one)).json()
    assert await videos_in(youtube, playlist, videoId=one) == [one, one]
    assert [item["id"] for item in (await youtube.ok("GET", ITEMS, part="id", id=again["id"]))["items"]] == [
        again["id"]
    ]
    post = next(post for post in await youtube.sandbox.items("posts") if post["externalId"] == one)
    assert [(place["id"], place["title"], place["position"]) for place in post["playlists"]] == [
        (playlist, "Bread", 1),
        (playlist, "Bread", 2),
    ]
    shown = await youtube.sandbox.http.get(f"/sandbox/www.youtube.com/watch?v={two}")
    assert "<dt>Playlists</dt><dd>Bread</dd>" in shown.text
    assert (await youtube.call("DELETE", ITEMS, id=made["id"])).status_code == 204
    assert await videos_in(youtube, playlist) == [two, one]
    assert reason_of(await youtube.call("DELETE", ITEMS, id=made["id"])) == (404, "playlistItemNotFound")
    await youtube.call("DELETE", "youtube/v3/videos", id=two)
    [gone, _] = (await youtube.ok("GET", ITEMS, part="snippet", playlistId=playlist))["items"]
    assert (gone["snippet"]["title"], gone["snippet"]["position"]) == ("Deleted video", 0)


async def test_items_that_are_refused(youtube: YouTube, reel: bytes) -> None:
    """Each refusal has its reason; the list of uploads, and lists of others, take nothing."""
    playlist, made = await made_playlist(youtube), await youtube.upload(reel)
    one, uploads = made["id"], "UU" + made["snippet"]["channelId"][2:]
    theirs = await made_playlist(youtube, "Theirs", "stranger")
    rows: list[tuple[str, object, dict[str, object], tuple[int, str]]] = [
        ("", one, {}, (400, "playlistIdRequired")),
        ("PLnone", one, {}, (404, "playlistNotFound")),
        (uploads, one, {}, (403, "playlistItemsNotAccessible")),
        (theirs, one, {}, (403, "playlistItemsNotAccessible")),
        (playlist, "none", {}, (404, "videoNotFound")),
        (playlist, None, {}, (404, "videoNotFound")),
        (playlist, one, {"kind": "youtube#channel"}, (400, "invalidResourceType")),
        (playlist, one, {"position": 1}, (400, "invalidPlaylistItemPosition")),
        (playlist, one, {"position": -1}, (400, "invalidPlaylistItemPosition")),
        (playlist, one, {"note": "x" * 281}, (400, "invalidContentDetails")),
    ]
    with every_row() as row:
        for target, video_id, more, expected in rows:
            with row(target, more, expected):
                assert reason_of(await youtube.add(target, video_id, **more)) == expected
    assert await videos_in(youtube, playlist) == []
    stranger = YouTube(youtube.sandbox)
    await stranger.login("stranger")
    assert reason_of(await stranger.add(theirs, one)) == (404, "videoNotFound")  # it is private
    hidden = await youtube.ok(
        "POST", PLAYLISTS, {"snippet": {"title": "x"}, "status": {"privacyStatus": "private"}}, part="snippet,status"
    )
    answer = await stranger.call("GET", ITEMS, part="id", playlistId=hidden["id"])
    assert reason_of(answer) == (403, "playlistItemsNotAccessible")


async def test_captions(youtube: YouTube, reel: bytes) -> None:
    """A track is synchronized, then served; a second one of the same language and name is 409, and a broken one fails."""
    one = (await youtube.upload(reel))["id"]
    made = (await youtube.caption(videoId=one)).json()
    assert made["kind"] == "youtube#caption"
    snippet = made["snippet"]
    assert (snippet["videoId"], snippet["language"], snippet["name"], snippet["status"], snippet["trackKind"]) == (
        one,
        "de",
        "",
        "syncing",
        "standard",
    )
    assert reason_of(await youtube.caption(VTT, videoId=one)) == (409, "captionExists")
    assert (await youtube.caption(VTT, videoId=one, language="en-GB", name="Full", isDraft=True)).status_code == 200
    assert (await youtube.caption(b"[Script Info]\n", videoId=one, language="fr")).status_code == 200
    await youtube.sandbox.advance(2)
    listed = (await youtube.ok("GET", CAPTIONS, part="snippet", videoId=one))["items"]
    assert [(item["snippet"]["language"], item["snippet"]["status"]) for item in listed] == [
        ("de", "serving"),
        ("en-GB", "serving"),
        ("fr", "failed"),
    ]
    assert listed[2]["snippet"]["failureReason"] == "unknownFormat"
    [post] = await youtube.sandbox.items("posts")
    assert post["captions"][0] == {
        "id": made["id"],
        "language": "de",
        "name": "",
        "isDraft": False,
        "sizeBytes": len(SRT),
        "status": "serving",
    }
    shown = await youtube.sandbox.http.get(f"/sandbox/www.youtube.com/watch?v={one}")
    assert "<dt>Captions</dt><dd>de, en-GB, fr</dd>" in shown.text
    assert (await youtube.call("DELETE", CAPTIONS, id=made["id"])).status_code == 204
    assert reason_of(await youtube.call("DELETE", CAPTIONS, id=made["id"])) == (404, "captionNotFound")
    assert (await youtube.caption(videoId=one)).status_code == 200


async def test_captions_that_are_refused(youtube: YouTube, reel: bytes) -> None:
    """Each refusal has its reason; tracks of other channels are neither listed nor added."""
    one = (await youtube.upload(reel))["id"]
    rows: list[tuple[bytes, str, dict[str, object], tuple[int, str]]] = [
        (b"", "multipart", {"videoId": one}, (400, "contentRequired")),
        (SRT, "media", {"videoId": one}, (400, "contentRequired")),
        (SRT, "multipart", {}, (400, "invalidMetadata")),
        (SRT, "multipart", {"videoId": one, "language": "German"}, (400, "invalidMetadata")),
        (SRT, "multipart", {"videoId": one, "language": None}, (400, "invalidMetadata")),
        (SRT, "multipart", {"videoId": one, "name": None}, (400, "invalidMetadata")),
        (SRT, "multipart", {"videoId": one, "name": "x" * 151}, (400, "nameTooLong")),
        (SRT, "multipart", {"videoId": "none"}, (404, "videoNotFound")),
    ]
    with every_row() as row:
        for data, how, snippet, expected in rows:
            with row(how, snippet, expected):
                assert reason_of(await youtube.caption(data, how, **snippet)) == expected
    assert reason_of(await youtube.call("GET", CAPTIONS, part="id")) == (400, "missingRequiredParameter")
    stranger = YouTube(youtube.sandbox)
    await stranger.login("stranger")
    assert reason_of(await stranger.caption(videoId=one)) == (403, "forbidden")
    assert reason_of(await stranger.call("GET", CAPTIONS, part="id", videoId=one)) == (403, "forbidden")
    assert (await youtube.ok("GET", CAPTIONS, part="id", videoId=one))["items"] == []


async def test_scopes_and_units(youtube: YouTube, reel: bytes) -> None:
    """Captions need force-ssl alone, playlists also youtube; a caption costs 400 units, other writes 50, a list of playlists 1."""
    playlist, one = await made_playlist(youtube), (await youtube.upload(reel))["id"]
    narrow = YouTube(youtube.sandbox)
    for scope, lists, captions in (
        ("youtube", 200, 403),
        ("youtube.readonly", 200, 403),
        ("youtube.upload", 403, 403),
        ("youtube.force-ssl", 200, 200),
    ):
        await narrow.login("lens", PREFIX + scope)
        assert (await narrow.call("GET", PLAYLISTS, part="id", mine="true")).status_code == lists, scope
        assert (await narrow.call("GET", CAPTIONS, part="id", videoId=one)).status_code == captions, scope
        assert (await narrow.caption(videoId=one, language="de", name=scope)).status_code == captions, scope
        added = 200 if scope in {"youtube", "youtube.force-ssl"} else 403
        assert (await narrow.add(playlist, one)).status_code == added, scope
    costs: list[tuple[int, Callable[[YouTube], Awaitable[httpx2.Response]]]] = [
        (1, lambda client: client.call("GET", PLAYLISTS, part="id", mine="true")),
        (50, lambda client: client.add(playlist, one)),
        (50, lambda client: client.call("GET", CAPTIONS, part="id", videoId=one)),
        (400, lambda client: client.caption(videoId=one, language="it")),
    ]
    for number, (units, call) in enumerate(costs):
        await youtube.settings(unitsPerDay=units - 1)
        poor = YouTube(youtube.sandbox, client_id=f"{5000 + number}-a.apps.googleusercontent.com")
        await poor.login()
        assert reason_of(await call(poor)) == (403, "quotaExceeded"), units
        await youtube.settings(unitsPerDay=units)
        assert (await call(poor)).status_code == 200, units


async def test_a_thumbnail_is_listed(youtube: YouTube, reel: bytes) -> None:
    """A post shows the thumbnail that was set last, with its own content, and null before."""
    one = (await youtube.upload(reel))["id"]
    [post] = await youtube.sandbox.items("posts")
    assert (post["thumbnail"], post["playlists"], post["captions"]) == (None, [], [])
    await youtube.sandbox.advance(2)
    headers = {"authorization": f"Bearer {youtube.token}", "content-type": "image/jpeg"}
    answer = await youtube.sandbox.http.post(
        "/sandbox/www.googleapis.com/upload/youtube/v3/thumbnails/set",
        params={"videoId": one, "uploadType": "media"},
        content=picture(1280, 720),
        headers=headers,
    )
    [sizes] = answer.json()["items"]
    assert set(sizes) - {"shortsAspectRatio"} == {"default", "medium", "high", "standard", "maxres"}
    [post] = await youtube.sandbox.items("posts")
    assert (post["thumbnail"]["width"], post["thumbnail"]["contentType"]) == (1280, "image/jpeg")
