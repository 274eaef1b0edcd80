"""`presswork demo --all`: every way to deliver on one server, counted on the other side, and wrong counts are noticed."""

import io
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Final
from uuid import uuid4

import httpx2
import pytest
from rich.console import Console
from tests.cli.lying import Document, Lie, lying, when
from tests.cli.program import Up, demo, kept_demo, url_of_demo, urls_of_feeds

from presswork.cli.demo import facebook as demo_facebook
from presswork.cli.demo import inbox as demo_inbox
from presswork.cli.demo import managed as demo_managed
from presswork.cli.demo import sms as demo_sms
from presswork.cli.demo.accounts import Act, Outcome, Scene
from presswork.cli.demo.client import DemoFailed
from presswork.cli.demo.facebook import show_facebook_login
from presswork.cli.demo.inbox import show_inbox_drafts
from presswork.cli.demo.managed import show_managed
from presswork.cli.demo.samples import Samples
from presswork.cli.demo.server import own_settings
from presswork.cli.demo.sms import show_notice, show_text_draft
from presswork.cli.demo.view import View

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("up")]

CHAPTERS: Final = 7
"""Of the summary: five of its own, the plain demo's and that of approval."""


def test_all_ways_deliver_once(tmp_path: Path) -> None:
    """Every chapter comes out right, and the platforms' side has what was delivered; Ctrl-C leaves nothing behind."""
    with kept_demo(tmp_path, "--all") as text:
        assert len(re.findall(r"  right *$", text, re.MULTILINE)) == CHAPTERS, text
        assert "WRONG" not in text
        url = url_of_demo(text)
        with httpx2.Client(base_url=url, trust_env=False) as client:
            _check_the_other_side(client)
            assert {client.get(link).status_code for link in urls_of_feeds(text)} == {200}


def _check_the_other_side(client: httpx2.Client) -> None:
    """Count what there is, without the demo's own eyes."""

    def items(what: str) -> list[Document]:
        listed: list[Document] = client.get(f"/sandbox/control/{what}").json()["items"]
        return listed

    posts = items("posts")
    assert len({post["externalId"] for post in posts}) == len(posts) == 18 + 1 + 2 + 2 + 2
    assert sorted((draft["kind"], draft["status"]) for draft in items("drafts")) == [
        ("tiktok_photo", "PUBLISH_COMPLETE"),
        ("tiktok_video", "SEND_TO_USER_INBOX"),
    ]
    assert [(text["status"], len(text["mediaUrls"])) for text in items("messages")] == [
        ("delivered", 1),
        ("delivered", 3),
        ("delivered", 0),
        ("delivered", 0),
    ]
    links = {dispatch["platform"]: dispatch["payload"].get("tiktokMusicLink") for dispatch in items("dispatches")}
    assert links == {"tiktok": "https://www.tiktok.com/music/First-Snow-7301", "instagram": None}


def test_a_delivery_that_fails_is_told(up: Up) -> None:
    """A text that the service refuses makes the demo end with 1, with that draft's timeline; the rest is right."""
    fault = {
        "platform": "sms",
        "operation": "messages",
        "handle": demo_sms.PHONE.removeprefix("+"),
        "fault": "platform_error",
        "value": {"code": 21610},
    }
    assert httpx2.post(f"{up.url}/sandbox/control/faults", json=fault, trust_env=False).is_success
    done = demo("--all", "--data-dir", str(up.data_dir), within=150)
    assert done.status == 1, done.stdout + done.stderr
    assert re.search(r"→ instagram @crumb\.and\.co \(sp_", done.stdout)
    assert "The phone has unsubscribed" in done.stdout
    assert done.stdout.count("WRONG") == 1
    assert re.search(r"^As drafts for Instagram, by text message +WRONG", done.stdout, re.MULTILINE)


def test_all_and_approval_exclude_each_other() -> None:
    """Both options at once are a wrong use, before anything starts."""
    done = demo("--all", "--approval")
    assert done.status == 2
    assert "--all shows approval" in done.stderr


async def test_each_act_is_right_without_a_lie(up: Up, samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests below change is all that makes their acts come out wrong."""
    for act in (show_inbox_drafts, show_text_draft, show_notice, show_managed, show_facebook_login):
        outcome, said = await _play(up, up.url, act, samples, monkeypatch)
        assert outcome.is_good, said


def _more(*, is_reversed: bool = False, copies: int = 1, **changes: object) -> Callable[[Document], Document]:
    """Change the items of a list, and how often they come; further copies have ids of their own."""

    def change(body: Document) -> Document:
        items = [{**item, **changes} for item in body["items"]]
        again = [
            {**item, **{name: "1" for name in ("publishId", "sid", "externalId") if name in item}}
            for _ in range(copies - 1)
            for item in items
        ]
        return {"items": [*reversed(items)] if is_reversed else [*items, *again]}

    return change


def _events(copies: int = 1, **detail: object) -> Callable[[Document], Document]:
    """Change what a timeline tells of a draft that was posted."""

    def change(body: Document) -> Document:
        notices = [item for item in body["items"] if item["event"] == "platform_notice"]
        others = [item for item in body["items"] if item["event"] != "platform_notice"]
        told = [{**item, "detail": {**item["detail"], **detail}} for item in notices]
        return {"items": [*others, *(told * copies)]}

    return change


def _linked(body: Document) -> Document:
    link = "https://www.tiktok.com/music/1"
    return {
        "items": [{**item, "payload": {**item["payload"], "tiktokMusicLink": link}} for item in body["items"]],
    }


def _stranger(_body: Document) -> Document:
    return {"items": [{"externalId": "1", "caption": "Not ours"}]}


def _later(lie: Lie, path: str) -> Lie:
    """Tell the truth the first time: the look before anything is sent."""
    seen: list[str] = []

    def told(method: str, at: str, status: int, body: Document) -> tuple[int, Document]:
        if re.search(path, at):
            seen.append(at)
        return (status, body) if len(seen) < 2 else lie(method, at, status, body)

    return told


POSTS: Final = "^/sandbox/control/posts"
DRAFTS: Final = "^/sandbox/control/drafts"
TEXTS: Final = "^/sandbox/control/messages"
GOT: Final = "^/sandbox/control/dispatches"
POST: Final = "^/v1/scheduled-posts/[^/]+$"
TIMELINE: Final = "/timeline$"

LIES: Final[dict[str, tuple[Act, Lie, str]]] = {
    "a draft is there twice": (show_inbox_drafts, when("GET", DRAFTS, _more(copies=2)), "has 4 new drafts"),
    "no draft is there": (show_inbox_drafts, when("GET", DRAFTS, lambda _: {"items": []}), "has 0 new drafts"),
    "a draft is public": (show_inbox_drafts, _later(when("GET", POSTS, _stranger), POSTS), "shows 1 new posts, not 0"),
    "a draft ends as published": (
        show_inbox_drafts,
        when("GET", POST, lambda body: {**body, "status": "published", "externalUrl": "http://x"}),
        r"tiktok @\S+ \(sp_",
    ),
    "another post is told": (show_inbox_drafts, when("GET", TIMELINE, _events(externalId="1")), "does not tell once"),
    "the post is told twice": (show_inbox_drafts, when("GET", TIMELINE, _events(2)), "does not tell once"),
    "a posted draft is on the feed twice": (
        show_inbox_drafts,
        when("GET", POSTS, _more(copies=2)),
        "The post is draft, and the feed shows 2 new posts",
    ),
    "a posted draft is taken for a live post": (
        show_inbox_drafts,
        when("GET", POST, lambda body: {**body, "externalId": "1"}),
        "The post is draft, and the feed shows 1 new posts",
    ),
    "the text comes twice": (show_text_draft, when("GET", TEXTS, _more(copies=2)), r"it got \[.*, .*, "),
    "the text is under way": (show_text_draft, when("GET", TEXTS, _more(status="sent")), r"it got \[.*'sent'"),
    "the text is another one": (show_text_draft, when("GET", TEXTS, _more(sid="MM1")), r"it got \[.*'MM1'"),
    "the text lacks the caption": (show_text_draft, when("GET", TEXTS, _more(body="Hello")), "The text lacks"),
    "the text lacks the picture": (show_text_draft, when("GET", TEXTS, _more(mediaUrls=[])), "The text lacks"),
    "a texted draft is public": (show_text_draft, _later(when("GET", POSTS, _stranger), POSTS), "new posts, not 0"),
    "the texts come twice": (show_notice, when("GET", TEXTS, _more(copies=2)), "it got 6 texts"),
    "the texts come in another order": (show_notice, when("GET", TEXTS, _more(is_reversed=True)), "it got 3 texts"),
    "the texts do not arrive": (show_notice, when("GET", TEXTS, _more(status="undelivered")), "it got 3 texts"),
    "a post is made of a notice": (
        show_notice,
        when("GET", "/scheduled-posts", lambda _: {"items": [{"id": "sp_1"}]}),
        "There are 1 posts",
    ),
    "the provider gets it twice": (show_managed, when("GET", GOT, _more(copies=2)), "get the slideshow once"),
    "the provider has not published it": (show_managed, when("GET", GOT, _more(status="working")), "picture once"),
    "the provider gets another link": (show_managed, when("GET", GOT, _linked), "get the slideshow once"),
    "the provider publishes it twice": (show_managed, when("GET", POSTS, _more(copies=2)), "shows 2 new posts, not 1"),
    "Facebook's post is there twice": (
        show_facebook_login,
        when("GET", POSTS, _more(copies=2)),
        "shows 4 new posts, not 2",
    ),
    "it goes by Instagram's login": (
        show_facebook_login,
        when("GET", "^/sandbox/control/requests", _more(host="graph.instagram.com")),
        r"it was at \['graph.instagram.com', 'graph.instagram.com'\]",
    ),
}


@pytest.mark.parametrize("name", LIES)
async def test_a_wrong_delivery_is_no_success(
    up: Up, samples: Samples, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whatever the other side has other than it must, the act says so, and is not good."""
    act, lie, message = LIES[name]
    async with lying(up, lie) as url:
        outcome, said = await _play(up, url, act, samples, monkeypatch)
    assert not outcome.is_good
    assert re.search(message, said), said


@pytest.mark.parametrize(
    ("act", "lie", "message"),
    [
        (
            show_facebook_login,
            when("GET", "^/v1/social-accounts/", lambda body: {**body, "login": "instagram"}),
            "its login is instagram",
        ),
        (show_managed, when("GET", "^/v1/tiktok-music", lambda _: {"tracks": []}), "not in the catalogue"),
    ],
)
async def test_what_an_act_needs_is_looked_at(
    up: Up, samples: Samples, monkeypatch: pytest.MonkeyPatch, act: Act, lie: Lie, message: str
) -> None:
    """Where what an act stands on is not there, it stops and says so."""
    async with lying(up, lie) as url:
        with pytest.raises(DemoFailed, match=message):
            await _play(up, url, act, samples, monkeypatch)


async def test_a_text_that_never_comes_is_no_success(up: Up, samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone that gets nothing ends the wait, and the act is not good."""
    monkeypatch.setattr(demo_sms, "LIVE_WITHIN", timedelta(seconds=1))
    async with lying(up, when("GET", TEXTS, lambda _: {"items": []})) as url:
        outcome, said = await _play(up, url, show_notice, samples, monkeypatch)
    assert not outcome.is_good
    assert "it got 0 texts" in said


async def _play(up: Up, url: str, act: Act, samples: Samples, monkeypatch: pytest.MonkeyPatch) -> tuple[Outcome, str]:
    """Play an act against an address, with accounts and a phone of its own; returns its outcome and what it said."""
    handle, phone = f"shop{uuid4().hex[:12]}", f"+1202{uuid4().int % 10**7:07}"
    modules: Sequence[ModuleType] = (demo_inbox, demo_sms, demo_facebook)
    for module in modules:
        monkeypatch.setattr(module, "HANDLE", handle)
    monkeypatch.setattr(demo_managed, "HANDLES", {"tiktok": handle, "instagram": handle})
    monkeypatch.setattr(demo_sms, "PHONE", phone)
    out = io.StringIO()
    scene = Scene(url=url, settings=own_settings(up.data_dir), samples=samples, view=View(Console(file=out, width=400)))
    return await act(scene), out.getvalue()
