"""Pinterest: logins that rotate, boards, Pins of pictures and videos, two worlds, Trial access, lists and numbers."""

import base64

import httpx2
from tests.every_row import every_row
from tests.sandbox.pinterest_client import (
    LIVE,
    OWN_SANDBOX,
    SCOPES,
    Pinterest,
    ask_token,
    authorize,
    exchange,
    login,
)
from tests.sandbox.running_sandbox import BACK, JSON, RunningSandbox, clip, picture

DAY = 86_400


async def rules(sandbox: RunningSandbox, **changes: object) -> None:
    """Set rules."""
    answer = await sandbox.control("POST", "pinterest", changes)
    assert answer.status_code == 200, answer.text


def error(answer: httpx2.Response) -> tuple[int, int]:
    """Return status and code of a refused call."""
    return answer.status_code, answer.json()["code"]


async def refresh(sandbox: RunningSandbox, tokens: JSON, host: str = LIVE) -> httpx2.Response:
    """Refresh tokens."""
    return await ask_token(sandbox, host, grant_type="refresh_token", refresh_token=tokens["refresh_token"])


async def test_tokens_rotate(sandbox: RunningSandbox) -> None:
    """A code works once; each refresh gives a new refresh token for 60 days, and the old one is dead."""
    code = await authorize(sandbox, "luna")
    tokens: JSON = (await exchange(sandbox, code)).json()
    assert {name: tokens[name] for name in ("response_type", "token_type", "scope")} == {
        "response_type": "authorization_code",
        "token_type": "bearer",
        "scope": SCOPES,
    }
    assert (tokens["expires_in"], tokens["refresh_token_expires_in"]) == (30 * DAY, 60 * DAY)
    assert (tokens["access_token"][:5], tokens["refresh_token"][:5]) == ("pina_", "pinr_")
    assert error(await exchange(sandbox, code)) == (400, 1)
    await sandbox.advance(59 * DAY)
    assert error(await Pinterest(sandbox, tokens).call("GET", "user_account")) == (401, 2)
    fresh: JSON = (await refresh(sandbox, tokens)).json()
    assert error(await refresh(sandbox, tokens)) == (401, 2)
    await sandbox.advance(59 * DAY)
    newest: JSON = (await refresh(sandbox, fresh)).json()
    assert (await Pinterest(sandbox, newest).read("user_account"))["account_type"] == "BUSINESS"
    form = {"grant_type": "refresh_token", "refresh_token": newest["refresh_token"]}
    bare = await sandbox.http.post(f"/sandbox/{LIVE}/v5/oauth/token", data=form | {"client_id": "1"})
    assert error(bare) == (401, 2)


async def test_an_old_app_asks_for_continuous_refresh(sandbox: RunningSandbox) -> None:
    """Without `continuous_refresh` its refresh token stays, and ends after 60 days."""
    await rules(sandbox, asksContinuousRefresh=True)
    fixed, lasting = await login(sandbox), await login(sandbox, continuous_refresh="true")
    assert "refresh_token" not in (await refresh(sandbox, fixed.tokens)).json()
    assert (await refresh(sandbox, fixed.tokens)).status_code == 200
    assert "refresh_token" in (await refresh(sandbox, lasting.tokens)).json()
    await sandbox.advance(60 * DAY)
    assert error(await refresh(sandbox, fixed.tokens)) == (401, 2)


async def test_the_page(sandbox: RunningSandbox) -> None:
    """Scopes are separated by commas; a refusal comes back as access_denied, an unknown scope is named."""
    ask = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": SCOPES, "state": "s"}
    page = await sandbox.http.get("/sandbox/www.pinterest.com/oauth/", params=ask)
    assert (page.status_code, "Create, update, or delete your public Pins" in page.text) == (200, True)
    denied = await sandbox.consent("www.pinterest.com/oauth/", ask | {"decision": "deny"})
    assert (denied["error"], denied["state"]) == ("access_denied", "s")
    wrong = await sandbox.http.get("/sandbox/www.pinterest.com/oauth/", params=ask | {"scope": "pins"})
    assert wrong.status_code == 400


async def test_boards_and_sections(sandbox: RunningSandbox) -> None:
    """A person has "Quick Saves" from the start, and more that the API or the control surface made; lists have pages."""
    pinterest = await login(sandbox)
    [first] = (await pinterest.read("boards"))["items"]
    assert (first["name"], first["owner"]) == ("Quick Saves", {"username": "luna"})
    made = await pinterest.call("POST", "boards", {"name": "Bread", "description": "All", "privacy": "SECRET"})
    assert (made.status_code, made.json()["privacy"]) == (201, "SECRET")
    assert error(await pinterest.call("POST", "boards", {"name": "bread"})) == (400, 1)
    body = {"handle": "luna", "name": "Cakes", "sections": ["Small"]}
    control: JSON = (await sandbox.control("POST", "boards", body)).json()
    page = await pinterest.read("boards", page_size="2")
    rest = await pinterest.read("boards", page_size="2", bookmark=page["bookmark"])
    assert [one["name"] for one in page["items"] + rest["items"]] == ["Cakes", "Bread", "Quick Saves"]
    assert rest["bookmark"] is None
    sections = await pinterest.read(f"boards/{control['id']}/sections")
    assert [one["name"] for one in sections["items"]] == ["Small"]
    section = (await pinterest.call("POST", f"boards/{first['id']}/sections", {"name": "Later"})).json()
    pin = await pinterest.pinned(board_id=first["id"], board_section_id=section["id"])
    assert pin["board_section_id"] == section["id"]
    assert error(await pinterest.pin(board_section_id="1")) == (404, 40)
    await sandbox.advance(1)
    assert (await pinterest.read(f"boards/{first['id']}"))["pin_count"] == 1
    assert [one["name"] for one in await sandbox.items("boards?handle=luna")] == ["Quick Saves", "Bread", "Cakes"]
    await sandbox.account("pinterest", "nova", hasNoBoard=True)
    assert (await (await login(sandbox, "nova")).read("boards"))["items"] == []


async def test_a_pin(sandbox: RunningSandbox) -> None:
    """Texts and link are echoed, lists have the Pin a second later, and pages show it with its board."""
    pinterest = await login(sandbox)
    texts = {"title": "Bread", "description": "At six", "link": "https://b.example/#pw-1", "alt_text": "A loaf"}
    pin = await pinterest.pinned(None, **texts)
    assert {name: pin[name] for name in texts} == texts
    assert (pin["media"]["media_type"], pin["creative_type"]) == ("image", "REGULAR")
    assert "T" in pin["created_at"]
    assert not pin["created_at"].endswith("Z")
    lists = ("pins", f"boards/{pin['board_id']}/pins")
    assert [(await pinterest.read(path))["items"] for path in lists] == [[], []]
    assert (await pinterest.read(f"pins/{pin['id']}"))["title"] == "Bread"
    await sandbox.advance(1)
    assert [(await pinterest.read(path))["items"] for path in lists] == [[pin], [pin]]
    [shown] = await sandbox.items("posts?platform=pinterest")
    assert (shown["kind"], shown["caption"], shown["url"]) == (
        "pinterest_pin",
        "At six",
        f"https://www.pinterest.com/pin/{pin['id']}/",
    )
    assert (shown["params"]["title"], shown["board"]["name"]) == ("Bread", "Quick Saves")
    page = (await sandbox.http.get(f"/sandbox/www.pinterest.com/pin/{pin['id']}/")).text
    assert all(word in page for word in ("Bread", "At six", "A loaf", "Quick Saves", "b.example"))
    changed = await pinterest.call("PATCH", f"pins/{pin['id']}", {"title": "Rye"})
    assert (changed.json()["title"], changed.json()["description"]) == ("Rye", "At six")
    assert (await pinterest.call("DELETE", f"pins/{pin['id']}")).status_code == 204
    assert error(await pinterest.call("GET", f"pins/{pin['id']}")) == (404, 50)


async def test_a_carousel(sandbox: RunningSandbox) -> None:
    """Two to five pictures of one size, by URL or as bytes, of which the control surface shows no bytes."""
    pinterest = await login(sandbox)
    urls = [sandbox.media.put(f"{hue}.jpg", picture(hue=hue)) for hue in range(6)]
    pin = await pinterest.pinned({"source_type": "multiple_image_urls", "items": [{"url": url} for url in urls[:5]]})
    assert (pin["media"]["media_type"], len(pin["media"]["items"])) == ("multiple_images", 5)
    data = base64.b64encode(picture()).decode()
    one = {"content_type": "image/jpeg", "data": data}
    await pinterest.pinned({"source_type": "image_base64", **one})
    await pinterest.pinned({"source_type": "multiple_image_base64", "items": [one, one]})
    assert data not in str(await sandbox.items("posts")) + str(await sandbox.calls(operation="pins"))
    with every_row() as row:
        for items, words in (
            (urls[:1], "minItems=2"),
            (urls, "maxItems=5"),
            ([urls[0], sandbox.media.put("small.jpg", picture(100, 100))], "same size"),
        ):
            with row(words):
                source = {"source_type": "multiple_image_urls", "items": [{"url": url} for url in items]}
                answer = await pinterest.pin(source)
                assert (error(answer), words in answer.json()["message"]) == ((400, 1), True)
    await rules(sandbox, equalSizes=False)
    unequal = [{"url": urls[0]}, {"url": f"{sandbox.media.address}/small.jpg"}]
    assert (await pinterest.pin({"source_type": "multiple_image_urls", "items": unequal})).status_code == 201


async def test_a_video(sandbox: RunningSandbox) -> None:
    """Registered, sent behind its parameters, processed, then a Pin with a cover; the storage server wants all of that."""
    pinterest, data = await login(sandbox), clip(5.0)
    registered = await pinterest.register()
    assert registered["upload_url"].endswith("/sandbox/pinterest-media-upload.s3-accelerate.amazonaws.com/")
    assert await pinterest.status(registered["media_id"]) == "registered"
    fields, url = registered["upload_parameters"], registered["upload_url"]
    file = {"file": ("v.mp4", data)}
    missing = {name: value for name, value in fields.items() if name != "x-amz-signature"}
    bearer = {"authorization": f"Bearer {pinterest.tokens['access_token']}"}
    last = [("file", ("v.mp4", data)), *((name, (None, value)) for name, value in fields.items())]
    refused = [
        await sandbox.http.post(url, data=missing, files=file),
        await sandbox.http.post(url, data=fields, files=file, headers=bearer),
        await sandbox.http.post(url, files=last),
        await sandbox.http.post(url, data=fields),
    ]
    assert [answer.status_code for answer in refused] == [403, 400, 403, 400]
    assert all("<Error><Code>" in answer.text for answer in refused)
    source = {"source_type": "video_id", "media_id": registered["media_id"], "cover_image_key_frame_time": 1}
    assert error(await pinterest.pin(source)) == (400, 1)
    assert (await pinterest.send(registered, data)).status_code == 204
    assert [await pinterest.status(registered["media_id"]) for _ in range(2)] == ["processing", "succeeded"]
    assert error(await pinterest.pin(source | {"cover_image_key_frame_time": None})) == (400, 1)
    pin = await pinterest.pinned(source)
    assert (pin["media"]["media_type"], pin["media"]["duration"]) == ("video", 5000)
    cover = sandbox.media.put("cover.jpg", picture())
    del source["cover_image_key_frame_time"]
    covered = await pinterest.pinned(source | {"cover_image_url": cover})
    assert covered["media"]["cover_image_url"] != pin["media"]["cover_image_url"]
    assert fields["policy"] not in str(await sandbox.items("requests"))


async def test_a_video_that_can_not_be_processed(sandbox: RunningSandbox, reel: bytes) -> None:
    """Three seconds are too short, and a text is no video: the status ends as failed."""
    pinterest = await login(sandbox)
    for data in (reel, b"text"):
        registered = await pinterest.register()
        assert (await pinterest.send(registered, data)).status_code == 204
        await sandbox.advance(2)
        assert await pinterest.status(registered["media_id"]) == "failed"


async def test_pins_that_are_refused(sandbox: RunningSandbox) -> None:
    """Nothing is created, and code and message say why."""
    pinterest, nova = await login(sandbox), await login(sandbox, "nova")
    url = {"source_type": "image_url", "url": sandbox.media.put("p.jpg", picture())}
    foreign = await nova.board()
    rows: list[tuple[JSON, tuple[int, int], str]] = [
        ({"title": "x" * 101}, (400, 1), "maxLength=100"),
        ({"description": "x" * 801}, (400, 1), "maxLength=800"),
        ({"alt_text": "x" * 501}, (400, 1), "maxLength=500"),
        ({"link": "x" * 2049}, (400, 1), "maxLength=2048"),
        ({"board_id": "abc"}, (400, 1), r"does not match '^\\d+$'"),
        ({"board_id": "1"}, (404, 40), "Board not found."),
        ({"board_id": foreign}, (403, 29), "not permitted"),
        ({"media_source": url | {"url": f"{sandbox.media.address}/none.jpg"}}, (400, 1), "Unable to reach the URL"),
        ({"media_source": url | {"url": sandbox.media.put("t.jpg", b"text")}}, (400, 1), "could not be read"),
        ({"media_source": {"source_type": "pin_url"}}, (400, 1), "is not one of"),
        ({"media_source": {"source_type": "video_id", "media_id": "1"}}, (404, 40), "not found"),
    ]
    with every_row() as row:
        for fields, expected, words in rows:
            with row(words):
                answer = await pinterest.pin(**{"media_source": url, **fields})
                assert (error(answer), words in answer.json()["message"]) == (expected, True)
    reader = await login(sandbox, scope="boards:read,pins:read")
    assert error(await reader.pin(url)) == (403, 29)
    assert await sandbox.items("posts") == []


async def test_two_worlds(sandbox: RunningSandbox) -> None:
    """Pinterest's own sandbox has its own tokens, boards and Pins, and is all that an app with Trial access can pin to."""
    live, own = await login(sandbox), await login(sandbox, host=OWN_SANDBOX)
    foreign = Pinterest(sandbox, live.tokens, OWN_SANDBOX)
    assert error(await foreign.call("GET", "user_account")) == (401, 2)
    assert await live.board() != await own.board()
    assert error(await own.pin(board_id=await live.board())) == (404, 40)
    await rules(sandbox, access="trial")
    refused = await live.pin()
    assert error(refused) == (403, 29)
    assert refused.json()["message"].startswith("Apps with Trial access may not create Pins in production")
    pin = await own.pinned()
    [shown] = await sandbox.items("posts?platform=pinterest")
    assert (shown["privacy"], shown["board"]["host"]) == ("SANDBOX", OWN_SANDBOX)
    assert error(await live.call("GET", f"pins/{pin['id']}")) == (404, 50)
    assert (await sandbox.control("POST", "pinterest", {"access": "beta"})).status_code == 400
    assert (await sandbox.control("DELETE", "pinterest")).json()["access"] == "standard"


async def test_limits_of_calls(sandbox: RunningSandbox) -> None:
    """Reads and writes have limits of a minute each, an app with Trial access those of a day beside."""
    pinterest = await login(sandbox)
    await rules(sandbox, readsPerMinute=2)
    left = [(await pinterest.call("GET", "user_account")).headers["x-ratelimit-remaining"] for _ in range(2)]
    refused = await pinterest.call("GET", "user_account")
    assert (left, error(refused)) == (["1", "0"], (429, 8))
    assert 0 < int(refused.headers["x-ratelimit-reset"]) <= 60
    await sandbox.advance(60)
    assert (await pinterest.call("GET", "user_account")).status_code == 200
    await rules(sandbox, access="trial", trialWritesPerDay=1, readsPerMinute=None)
    statuses = [(await pinterest.call("POST", "media", {"media_type": "video"})).status_code for _ in range(2)]
    assert statuses == [201, 429]
    await sandbox.advance(60)
    assert (await pinterest.call("POST", "media", {"media_type": "video"})).status_code == 429


async def test_numbers_by_day(sandbox: RunningSandbox) -> None:
    """A day is ready a day after its end; reactions have no days; a wrong metric or date is refused."""
    pinterest = await login(sandbox)
    pin = await pinterest.pinned()
    await sandbox.advance(3 * DAY)
    path, today = f"pins/{pin['id']}/analytics", (await sandbox.http.get("/sandbox/control/clock")).json()["now"][:10]
    query = {"start_date": pin["created_at"][:10], "end_date": today}
    found = (await pinterest.read(path, **query, metric_types="IMPRESSION,SAVE,TOTAL_REACTIONS"))["all"]
    assert [day["data_status"] for day in found["daily_metrics"]] == ["READY", "READY", "PROCESSING", "PROCESSING"]
    assert "metrics" not in found["daily_metrics"][-1]
    ready = [day["metrics"]["IMPRESSION"] for day in found["daily_metrics"][:2]]
    assert found["summary_metrics"]["IMPRESSION"] == sum(ready) > 0
    assert found["lifetime_metrics"]["TOTAL_REACTIONS"] > 0
    for wrong in ({"metric_types": "VIEWS"}, {"metric_types": "SAVE", "start_date": "2020-01-01"}):
        assert error(await pinterest.call("GET", path, **{**query, **wrong})) == (400, 1)
