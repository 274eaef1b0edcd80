"""Files of other products are read alike, and what can't be read is refused in a sentence."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from tests.cli.foreign_files import DRAFT, DUE, HANDLE, MISSING, PRODUCTS, QUEUED, postiz

from presswork.cli.client.foreign.model import Export, ForeignAccount, State
from presswork.cli.client.foreign.plain_text import plain_text
from presswork.cli.client.foreign.products import read_files
from presswork.cli.client.login import NotPossible
from presswork.cli.client.take_over import _find_account
from presswork_client import SocialAccount

_UTC = ZoneInfo("UTC")
_LISBON = ZoneInfo("Europe/Lisbon")


def _read(
    folder: Path, product: str, files: Mapping[str, object], *, zone: ZoneInfo = _UTC, is_text_enough: bool = False
) -> Export:
    for name, document in files.items():
        (folder / name).write_text(json.dumps(document))
    return read_files(product, [str(folder / name) for name in files], zone, is_text_enough=is_text_enough)


def test_all_products_are_read_alike(tmp_path: Path) -> None:
    """Each product's files have the same queued post, draft and published post; pages that repeat a post change nothing."""
    for product, files_of in PRODUCTS.items():
        export = _read(tmp_path, product, files_of(name=product))
        queued = [one for one in export.posts if one.state is State.QUEUED]
        targets = [account for one in queued for account in one.account_ids]
        accounts = {one.id: one for one in export.accounts}
        known = [HANDLE] if product == "ayrshare" else [HANDLE, MISSING]
        labels = [] if product == "ayrshare" else ["bread"]
        assert [accounts[one].handle for one in targets] == known, product
        assert {one.text for one in queued} == {QUEUED}, product
        assert {one.due for one in queued} == {datetime.fromisoformat(DUE).astimezone(UTC)}, product
        assert [list(one.labels) for one in queued] == [labels] * len(queued), product
        assert {one.problem for one in export.posts} == {None}, product
        assert [one.text for one in export.posts if one.state is State.DRAFT] == [DRAFT], product
        assert sum(one.state is State.PAST for one in export.posts) == 1, product
        again = read_files(product, [*map(str, tmp_path.glob("*.json"))] * 2, _UTC, is_text_enough=False)
        assert len(again.posts) == len(export.posts), product
        for file in tmp_path.glob("*.json"):
            file.unlink()


def test_what_products_know_about_a_post_is_kept(tmp_path: Path) -> None:
    """Media, alternative texts, comments, versions for an account, and settings of networks."""
    image = json.dumps([{"id": "1", "path": "https://up.example/a.jpg", "alt": "A loaf"}])
    post = {"publishDate": DUE, "id": "p", "state": "QUEUE", "content": "x", "integration": {"id": "i"}}
    comment = {"content": "<p>First!</p>", "image": "[]"}
    story = json.dumps({"__type": "instagram", "post_type": "story"})
    full = {"posts": [{**post, "image": image, "settings": story, "childrenPost": [comment]}]}
    (read,) = _read(tmp_path, "postiz", {"a.json": full}).posts
    assert [(one.url, one.alt_text) for one in read.media] == [("https://up.example/a.jpg", "A loaf")]
    assert list(read.below) == ["First!"]
    assert read.options == {"instagram": {"instagramPostSettings": {"placement": "story"}}}
    (bare,) = _read(tmp_path, "postiz", {"a.json": {"posts": [post]}}).posts
    assert bare.problem is not None
    assert _read(tmp_path, "postiz", {"a.json": {"posts": [post]}}, is_text_enough=True).posts[0].problem is None
    (weekly,) = _read(tmp_path, "postiz", {"a.json": {"posts": [{**post, "image": "[]", "intervalInDays": 7}]}}).posts
    assert "recurrence" in str(weekly.problem)

    accounts = [{"id": n, "provider": "instagram", "username": f"a{n}"} for n in (1, 2)]
    content = [{"body": "all", "media": [9]}]
    youtube = {"youtube": {"title": "T", "status": "private"}}
    versions = [
        {"account_id": 0, "is_original": True, "content": content, "options": youtube},
        {"account_id": 2, "is_original": False, "content": [{"body": "two", "media": []}], "options": []},
    ]
    shared = {"uuid": "u", "status": "scheduled", "scheduled_at": "2031-07-02 10:00:00"}
    posts = [{**shared, "accounts": accounts, "versions": versions}]
    media = {"data": [{"id": 9, "mime_type": "image/jpeg", "url": "https://up.example/m.jpg"}]}
    both = _read(tmp_path, "mixpost", {"a.json": {"data": posts}, "m.json": media}, zone=_LISBON).posts
    assert [(one.text, list(one.account_ids), len(one.media)) for one in both] == [("all", ["1"], 1), ("two", ["2"], 0)]
    assert both[0].options == {"youtube": {"youtubePostSettings": {"title": "T", "privacy": "private"}}}
    assert both[0].due == datetime(2031, 7, 2, 9, tzinfo=UTC)
    assert "media" in str(_read(tmp_path, "mixpost", {"a.json": {"data": posts}}).posts[0].problem)

    photo = {"media": {"photo": "https://b.example/1.jpg"}}
    update = {"id": "u", "status": "buffer", "due_at": 1930000000, "profile_id": "p", "text": "t", **photo}
    (pending,) = _read(tmp_path, "buffer", {"a.json": {"total": 1, "updates": [update]}}).posts
    assert (pending.state, [one.url for one in pending.media]) == (State.QUEUED, ["https://b.example/1.jpg"])
    assert pending.due == datetime.fromtimestamp(1930000000, UTC)


def test_boards_and_what_else_networks_need_are_kept(tmp_path: Path) -> None:
    """The board, title and link of a Pin from each product, in Mixpost one for each account; and who can reply on X."""
    pin = {"boardId": "7", "title": "T", "link": "https://e.example"}
    wanted = {"pinterest": {"pinterestPostSettings": pin}}
    post = {"publishDate": DUE, "id": "p", "state": "QUEUE", "content": "x", "integration": {"id": "i"}, "image": "[]"}
    settings = {
        "__type": "pinterest",
        "board": "7",
        "title": "T",
        "link": "https://e.example",
        "dominant_color": "#fff",
    }
    replies = {"__type": "x", "who_can_reply_post": "verified", "community": "https://x.com/i/communities/42"}
    posts = [{**post, "settings": json.dumps(settings)}, {**post, "id": "q", "settings": json.dumps(replies)}]
    pinned, restricted = _read(tmp_path, "postiz", {"a.json": {"posts": posts}}).posts
    assert pinned.options == wanted
    assert restricted.options == {"x": {"xPostSettings": {"replySettings": "verified", "communityId": "42"}}}

    accounts = [{"id": n, "provider": "pinterest", "username": f"a{n}"} for n in (1, 2)]
    options = {"pinterest": {"title": "T", "link": "https://e.example", "boards": {"account-1": "7", "account-2": "8"}}}
    version = {"account_id": 0, "is_original": True, "content": [{"body": "x", "media": []}], "options": options}
    shared = {"uuid": "u", "status": "scheduled", "scheduled_at": "2031-07-02 10:00:00"}
    both = _read(tmp_path, "mixpost", {"a.json": {"data": [{**shared, "accounts": accounts, "versions": [version]}]}})
    assert [(list(one.account_ids), one.options) for one in both.posts] == [
        (["1"], wanted),
        (["2"], {"pinterest": {"pinterestPostSettings": {**pin, "boardId": "8"}}}),
    ]

    metadata = {"title": "T", "url": "https://e.example", "board": {"serviceId": "7"}}
    node = {"id": "p", "status": "scheduled", "text": "x", "dueAt": DUE, "channelId": "c", "assets": []}
    edges = {"data": {"posts": {"edges": [{"node": {**node, "metadata": metadata}}]}}}
    (buffered,) = _read(tmp_path, "buffer", {"a.json": edges}).posts
    assert buffered.options["pinterest"] == wanted["pinterest"]

    pending = {"id": "1", "status": "pending", "platforms": ["pinterest"], "post": "x", "scheduleDate": DUE}
    (shared_pin,) = _read(tmp_path, "ayrshare", {"a.json": {"history": [{**pending, "pinterestOptions": pin}]}}).posts
    assert shared_pin.options == wanted


def test_networks_have_their_names_here(tmp_path: Path) -> None:
    """What products call Twitter is X here; a network without accounts here has no platform."""
    names = ("twitter", "x", "mastodon", "mastodon-custom", "telegram", "pinterest", "reddit")
    files: Mapping[str, object] = {
        "postiz": [{"id": one, "identifier": one} for one in names],
        "mixpost": {"data": [{"id": one, "provider": one} for one in names]},
        "buffer": {"data": {"channels": [{"id": one, "service": one, "name": one} for one in names]}},
        "ayrshare": {"activeSocialAccounts": list(names), "displayNames": []},
    }
    found = {
        product: {one.network: one.platform for one in _read(tmp_path, product, {"a.json": document}).accounts}
        for product, document in files.items()
    }
    ours = {"mastodon": "mastodon", "pinterest": "pinterest"}
    nowhere: dict[str, str | None] = dict.fromkeys(names)
    assert found == {
        "postiz": {**nowhere, **ours, "x": "x", "mastodon-custom": "mastodon", "telegram": "telegram"},
        "mixpost": {**nowhere, **ours, "twitter": "x"},
        "buffer": {**nowhere, **ours, "twitter": "x"},
        "ayrshare": {**nowhere, "twitter": "x", "telegram": "telegram", "pinterest": "pinterest"},
    }


def test_an_account_is_found_by_the_name_before_its_server() -> None:
    """Other products may not say on which server an account is; two accounts of one name can't be distinguished."""
    there = [
        cast("SocialAccount", SimpleNamespace(platform="mastodon", handle=handle, display_name=None))
        for handle in ("luna@one.example", "milo@one.example", "milo@two.example")
    ]

    def find(handle: str) -> str | None:
        foreign = ForeignAccount(id="1", network="mastodon", platform="mastodon", handle=handle, name="")
        found = _find_account(foreign, there, None)
        return None if found is None else found.handle

    asked = ("Luna", "luna@one.example", "milo@two.example", "milo", "lu")
    assert [find(one) for one in asked] == ["luna@one.example", "luna@one.example", "milo@two.example", None, None]


def test_files_that_can_not_be_read_are_named(tmp_path: Path) -> None:
    """A file of another product, half a file, a date that is none, and a time that the clocks skip: one sentence each."""
    post = {"id": "p", "state": "QUEUE", "content": "x", "integration": {"id": "i"}, "image": "[]"}
    cases: Mapping[str, tuple[object, str]] = {
        "buffer": (postiz(name="x")["posts.json"], "is not a file of buffer. It looks like one of postiz."),
        "mixpost": ({"data": "no"}, "docs/move-to-presswork.md"),
        "ayrshare": ({"message": "Not authorized"}, "docs/move-to-presswork.md"),
    }
    for product, (document, message) in cases.items():
        with pytest.raises(NotPossible, match=message):
            _read(tmp_path, product, {"a.json": document})
    for due, message in {"soon": "is not a date", "2031-03-30T01:30:00": "does not exist in Europe/Lisbon"}.items():
        with pytest.raises(NotPossible, match=message):
            _read(tmp_path, "postiz", {"a.json": {"posts": [{**post, "publishDate": due}]}}, zone=_LISBON)
    with pytest.raises(NotPossible, match=r"`integration`|has no `id`"):
        _read(tmp_path, "postiz", {"a.json": {"posts": [{"publishDate": DUE, "id": "p"}]}})
    (tmp_path / "half.json").write_text('{"posts": [{"publishDate": "2031')
    with pytest.raises(NotPossible, match="is not JSON, or only a part of it"):
        read_files("postiz", [str(tmp_path / "half.json")], _UTC, is_text_enough=False)
    with pytest.raises(NotPossible, match="can't be read: No such file"):
        read_files("postiz", [str(tmp_path / "none.json")], _UTC, is_text_enough=False)
    pending = {"id": "1", "status": "pending", "platforms": ["threads"], "post": "x", "scheduleDate": DUE}
    history = {"history": [pending]}
    profiles = {"profiles": [{"refId": name, "activeSocialAccounts": ["threads"]} for name in "ab"]}
    with pytest.raises(NotPossible, match="one profile at a time"):
        _read(tmp_path, "ayrshare", {"a.json": history, "b.json": profiles})


def test_html_becomes_the_text_that_people_saw() -> None:
    """Paragraphs, breaks, lists and entities; a text without tags stays as it is."""
    cases = {
        "<p>One</p><p></p><p>Two &amp; three</p>": "One\n\nTwo & three",
        "<div>a<br>b</div><div><br></div><div>c<br><br>d</div>": "a\nb\n\nc\n\nd",
        "<p>Buy:</p><ul><li><p>rye</p></li><li><p>oats</p></li></ul><p>Bye</p>": "Buy:\n- rye\n- oats\nBye",
        '<p>See <a href="https://a.example">a.example</a>\xa0now</p>': "See a.example now",
        "1 < 2 & 3 > 2": "1 < 2 & 3 > 2",
        "": "",
    }
    assert {written: plain_text(written) for written in cases} == cases
