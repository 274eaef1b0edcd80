"""What all pages without a login share: who may open them, how they are protected, and what is counted."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.clocks import MovableClock
from tests.links.conftest import KINDS, Links

from presswork.api.http.link_pages import UNKNOWN_PER_ADDRESS
from presswork.callers.model import Scope
from presswork.core.enums import LinkKind
from presswork.crypto.keyring import add_key, key_texts
from presswork.db.pool import transaction_on
from presswork.links.model import LinkNotFound, LinkUnknown, token_hash
from presswork.links.page_links import open_link, revoke_link, use_link
from presswork.links.store import list_links
from presswork.orgs.keys import KeyCache

NO_LINK = "A" * 43
TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')


@pytest.mark.parametrize("kind", KINDS)
async def test_a_link_opens_its_page_and_no_other(links: Links, clock: MovableClock, kind: LinkKind) -> None:
    """A token opens the page of its kind until it expires, is revoked, or its key or project is gone: then all look the same."""
    link, token = await links.make(kind)
    page = await links.open(kind, token)
    assert (page.status_code, link.public_id in page.text, "Corner Bakery" in page.text) == (200, True, True)
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    other = next(one for one in KINDS if one is not kind)
    gone = [await links.open(other, token), await links.open(kind, NO_LINK), await links.open(kind, "short")]
    caller, now = await links.principal(), links.api.context.clock.now()
    revoked, revoked_token = await links.make(kind)
    async with transaction_on(links.api.context.pool) as connection:
        await revoke_link(connection, revoked.id, kind, caller=caller, now=now)
    gone.append(await links.open(kind, revoked_token))
    clock.advance(timedelta(hours=1))
    gone.append(await links.open(kind, token))
    paths = re.compile(r'href="/links/[^"]*"')
    assert {(one.status_code, paths.sub("", one.text)) for one in gone} == {(404, paths.sub("", gone[0].text))}
    assert "This link does not work" in gone[0].text


async def test_a_link_is_gone_with_its_key_and_its_project(links: Links) -> None:
    """A link of a killed key opens no page until the key is revived, and none of an archived project ever again."""
    _, token = await links.make(LinkKind.REVIEW)
    key = (await links.owner.get("/v1/whoami")).json()["keyId"]
    admin = await links.api.client(scopes=["org:admin"])
    assert (await admin.post(f"/v1/api-keys/{key}/kill")).status_code == 200
    assert (await links.open(LinkKind.REVIEW, token)).status_code == 404
    assert (await admin.post(f"/v1/api-keys/{key}/revive")).status_code == 200
    assert (await links.open(LinkKind.REVIEW, token)).status_code == 200
    await links.owner.patch(f"/v1/projects/{links.project_id}", json={"status": "archived"})
    assert (await links.open(LinkKind.REVIEW, token)).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
async def test_visits_are_counted_and_recorded(links: Links, kind: LinkKind) -> None:
    """A visit of a person is counted and in the audit log with the link and its recipient; a link preview's HEAD is none."""
    link, token = await links.make(kind, recipient_name="Marta")
    assert (await links.browser.head(f"/links/{kind.value}/{token}")).status_code == 200
    for _ in range(2):
        await links.open(kind, token)
    caller = await links.principal()
    (found,) = await list_links(links.api.context.pool, kind, visible_to=caller, after=None, limit=10)
    assert (found.visits, found.last_visited_at is None) == (2, False)
    visit = (f"{kind.value}.visit", kind.value, link.public_id, "Marta")
    assert await links.audit() == [(f"{kind.value}.create", "api_key", None, None), visit, visit]


async def test_no_token_is_stored(links: Links) -> None:
    """The table has the SHA-256 of the token, and neither the token nor a part of it."""
    _, token = await links.make(LinkKind.CONNECT)
    row = await links.api.context.pool.fetchrow("SELECT l::text AS text, token_hash FROM page_links l")
    assert row is not None
    assert row["token_hash"] == token_hash(token)
    assert token[:8] not in row["text"]


async def test_forms_come_from_the_page_of_their_link(links: Links) -> None:
    """A form needs the token of its page; one of another link, of another site or without it does nothing."""
    _, token = await links.make(LinkKind.REVIEW)
    _, other = await links.make(LinkKind.REVIEW)
    path = f"/links/review_link/{token}"
    form = TOKEN.findall((await links.open(LinkKind.REVIEW, token)).text)[0]
    foreign = TOKEN.findall((await links.open(LinkKind.REVIEW, other)).text)[0]
    sent = await links.browser.post(f"{path}?lang=de", data={"token": form}, headers={"Origin": "null"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"/review/{token}/done?lang=de")
    refused = [
        await links.browser.post(path, data={"token": foreign}),
        await links.browser.post(path, data={"note": "x"}),
        await links.browser.post(path, data={"token": "é"}),
        await links.browser.post(path, data={"token": form}, headers={"Origin": "https://evil.example"}),
        await links.browser.post(path, data={"token": form}, headers={"Sec-Fetch-Site": "cross-site"}),
    ]
    assert [one.status_code for one in refused] == [403] * 5
    assert "not sent from its page" in refused[0].text


@pytest.mark.parametrize("kind", KINDS)
async def test_links_survive_a_rotation_of_the_secret_key(links: Links, kind: LinkKind) -> None:
    """A link, and a form that was shown before, work after the secret key was rotated: neither hash is sealed with it."""
    _, token = await links.make(kind)
    form = TOKEN.findall((await links.open(kind, token)).text)[0]
    context = links.api.context
    add_key(context.settings)
    assert len(key_texts(context.settings)) == 2
    assert context.keyring.primary == context.keyring.fingerprints()[0]
    page = await links.open(kind, token)
    assert (page.status_code, TOKEN.findall(page.text) == [form]) == (200, False)
    sent = await links.browser.post(f"/links/{kind.value}/{token}", data={"token": form})
    assert sent.status_code == 303, sent.text


async def test_an_address_that_guesses_is_slowed_down(links: Links) -> None:
    """After many unknown tokens an address gets 429 with a page and Retry-After, for known links nothing changes."""
    _, token = await links.make(LinkKind.REVIEW)
    found = [(await links.open(LinkKind.REVIEW, NO_LINK)).status_code for _ in range(UNKNOWN_PER_ADDRESS)]
    assert set(found) == {404}
    slowed = await links.open(LinkKind.REVIEW, NO_LINK)
    assert (slowed.status_code, "Too many requests" in slowed.text) == (429, True)
    assert int(slowed.headers["retry-after"]) > 0
    assert (await links.open(LinkKind.REVIEW, token)).status_code == 200


async def test_a_use_is_counted_until_none_is_left(links: Links) -> None:
    """A link with two uses counts two; the third is refused, and its page can still show the result of the last."""
    link, token = await links.make(LinkKind.CONNECT, max_uses=2)
    pool, now = links.api.context.pool, links.api.context.clock.now()
    async with transaction_on(pool) as connection:
        await use_link(connection, link)
        await use_link(connection, link)
        with pytest.raises(LinkUnknown):
            await use_link(connection, link)
    assert (await open_link(pool, token, LinkKind.CONNECT, now=now)).link.is_used_up


async def test_a_person_at_a_page_acts_for_the_maker_in_one_project(links: Links) -> None:
    """The caller of a page has the given scopes and the link's project only, with the return domains of the key."""
    link, token = await links.make(LinkKind.TIKTOK_POST)
    pool, now = links.api.context.pool, links.api.context.clock.now()
    opened = await open_link(pool, token, LinkKind.TIKTOK_POST, now=now)
    caller = opened.principal([Scope.PUBLISH_WRITE], name="Marta", request_id="req_1")
    maker = await links.principal()
    assert (caller.id, caller.public_id) == (maker.id, link.public_id)
    assert caller.project_ids == frozenset({link.project_id})
    assert (caller.may(Scope.PUBLISH_WRITE), caller.may(Scope.PUBLISH_READ)) == (True, False)
    assert caller.return_domains == ("app.example.com",)
    assert (caller.actor.kind.value, caller.actor.link_id, caller.actor.name) == (
        "tiktok_post_link",
        link.public_id,
        "Marta",
    )


async def test_lists_and_revocations_are_of_one_organization(links: Links) -> None:
    """Links are listed newest first, by project or content, and a link of another organization is neither seen nor revoked."""
    context = links.api.context
    caller, now = await links.principal(), context.clock.now()
    first, _ = await links.make(LinkKind.REVIEW)
    second, _ = await links.make(LinkKind.REVIEW, container_ids=(first.id,))

    async def listed(**wanted: Any) -> list[UUID]:
        asked: dict[str, Any] = {"visible_to": caller, "after": None, "limit": 10, **wanted}
        found = await list_links(context.pool, LinkKind.REVIEW, **asked)
        return [one.id for one in found]

    assert set(await listed()) == {first.id, second.id}
    assert set(await listed(project_id=first.project_id)) == {first.id, second.id}
    assert await listed(project_id=first.project_id, container_id=first.id) == [second.id]
    token = (await links.api.client(organization="Other")).headers["authorization"].removeprefix("Bearer ")
    stored = await context.part(KeyCache).find(token.split("_")[2])
    assert stored is not None
    assert await listed(visible_to=stored.principal) == []
    async with transaction_on(context.pool) as connection:
        with pytest.raises(LinkNotFound):
            await revoke_link(connection, first.id, LinkKind.REVIEW, caller=stored.principal, now=now)
        revoked = await revoke_link(connection, first.id, LinkKind.REVIEW, caller=caller, now=now)
        again = await revoke_link(connection, first.id, LinkKind.REVIEW, caller=caller, now=now + timedelta(hours=1))
    assert (revoked.revoked_at, again) == (now, revoked)
