"""A rotation, step by step: no process ever meets what it can't open, and each step can be the last one."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from pydantic import SecretStr
from tests.conftest import Api, MovableClock, Stage

from presswork.accounts.providers import add_provider
from presswork.accounts.tokens import access_token, renew_token
from presswork.accounts.vault import open_tokens
from presswork.core.enums import Environment, LoginName
from presswork.core.settings import Settings
from presswork.crypto.keyring import Keyring, add_key, key_file, key_id_of, load_keyring, new_key_text, parse_keys
from presswork.db.pool import Connection, Pool
from presswork.platforms.port import Tokens
from presswork.secretkeys import rotate as rotation
from presswork.secretkeys import watch as watching
from presswork.secretkeys.columns import SEALED
from presswork.secretkeys.model import (
    KeyInUse,
    KeyMissing,
    KeyNotKnown,
    NoFreshKey,
    ProcessesLackKey,
    Role,
    Standing,
)
from presswork.secretkeys.reseal import reseal
from presswork.secretkeys.rotate import Rotated, give_up_lost, retire, rotate
from presswork.secretkeys.store import standing
from presswork.secretkeys.watch import KeyWatch, follow, keyring_for

SECOND = timedelta(seconds=1)
NOT_SEALED = {
    "api_keys.secret_hash",
    "idempotency_keys.fingerprint",
    "operators.phone_code_hash",
    "platform_notices.body_hash",
}
"""Columns of bytes that hold hashes."""


async def rotated(pool: Pool, settings: Settings, clock: MovableClock, *, patience: timedelta = 3 * SECOND) -> Rotated:
    """Rotate, as the command does."""
    async with pool.acquire() as connection:
        return await rotate(connection, settings, clock=clock, patience=patience, told=lambda _: None)


async def leading(pool: Pool, settings: Settings, clock: MovableClock) -> Keyring:
    """Return the keys of a command that comes now."""
    async with pool.acquire() as connection:
        return await keyring_for(connection, settings, now=clock.now())


async def providers(pool: Pool, settings: Settings, clock: MovableClock, count: int) -> list[str]:
    """Add providers and return their secrets."""
    async with pool.acquire() as connection:
        keyring = await keyring_for(connection, settings, now=clock.now())
        return [
            (
                await add_provider(
                    connection,
                    keyring,
                    name=f"p{number}",
                    environment=Environment.TEST,
                    url="http://127.0.0.1/",
                    secret=None,
                    now=clock.now(),
                )
            ).secret
            for number in range(count)
        ]


async def opened(pool: Pool, keyring: Keyring) -> list[str]:
    """Return the secrets of all providers."""
    rows = await pool.fetch("SELECT sealed_secret FROM providers ORDER BY created_at, name")
    return sorted(keyring.open(row["sealed_secret"]).decode() for row in rows)


async def test_every_column_of_bytes_is_in_a_list(pool: Pool) -> None:
    """A column of bytes is sealed and in the list of those, or a hash and in the other; so no sealed one is forgotten."""
    rows = await pool.fetch(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'bytea'"
    )
    found = {f"{row['table_name']}.{row['column_name']}" for row in rows}
    sealed = {column.place for column in SEALED}
    assert found == sealed | NOT_SEALED
    assert not sealed & NOT_SEALED


async def test_a_rotation_seals_everything_anew(pool: Pool, settings: Settings, clock: MovableClock) -> None:
    """A new key is put in the file and leads, all values are under it, and each is what it was. A second run makes a third."""
    secrets = await providers(pool, settings, clock, 7)
    before = await leading(pool, settings, clock)
    done = await rotated(pool, settings, clock)
    after = await leading(pool, settings, clock)
    assert (done.changed, done.remaining, done.broken, done.resumed) == (7, 0, 0, False)
    assert done.leads == after.leads != before.leads
    assert await opened(pool, after) == sorted(secrets)
    found = await standing(pool, now=clock.now())
    assert found.counts == {done.leads: {"providers.sealed_secret": 7}}
    assert [term.role for term in found.terms] == [Role.LEADS, Role.FORMER]
    again = await rotated(pool, settings, clock)
    assert (again.resumed, again.leads == done.leads, again.changed) == (False, False, 7)


async def test_small_batches_get_to_the_end(pool: Pool, settings: Settings, clock: MovableClock) -> None:
    """Values that no key opens are passed over, wherever they stand, and told; those behind them are reached."""
    secrets = await providers(pool, settings, clock, 7)
    stranger = Keyring([b"s" * 32])
    for name in ("p1", "p2", "p3"):
        await pool.execute("UPDATE providers SET sealed_secret = $1 WHERE name = $2", stranger.seal(b"x"), name)
    add_key(settings)
    keyring = load_keyring(settings)
    done = await reseal(pool, keyring, batch=2)
    assert (done.changed, done.broken) == (4, 3)
    counts = (await standing(pool, now=clock.now())).counts
    assert {key: places["providers.sealed_secret"] for key, places in counts.items()} == {
        keyring.leads: 4,
        stranger.leads: 3,
    }
    assert len(secrets) == 7
    assert (await reseal(pool, keyring, batch=2)).changed == 0


async def test_values_from_before_keys_were_named_get_a_name(
    pool: Pool, settings: Settings, clock: MovableClock
) -> None:
    """A bare value is counted apart, does not pass for a rotation under way, and is sealed anew by housekeeping."""
    [secret] = await providers(pool, settings, clock, 1)
    keyring = await leading(pool, settings, clock)
    await pool.execute("UPDATE providers SET sealed_secret = substring(sealed_secret FROM 21)")
    found = await standing(pool, now=clock.now())
    assert (found.counts, found.unfinished()) == ({None: {"providers.sealed_secret": 1}}, 0)
    assert (await reseal(pool, keyring)).changed == 1
    assert await opened(pool, keyring) == [secret]
    assert (await standing(pool, now=clock.now())).counts == {keyring.leads: {"providers.sealed_secret": 1}}


async def test_what_is_written_meanwhile_is_left_alone(pool: Pool, settings: Settings, clock: MovableClock) -> None:
    """A row that a transaction holds is not waited for, and a value that was changed in between is not overwritten."""
    await providers(pool, settings, clock, 2)
    add_key(settings)
    keyring = load_keyring(settings)
    async with pool.acquire() as other, other.transaction():
        fresh = keyring.seal(b"newer")
        await other.execute("UPDATE providers SET sealed_secret = $1 WHERE name = 'p0'", fresh)
        assert (await asyncio.wait_for(reseal(pool, keyring), 20)).changed == 1
    assert await pool.fetchval("SELECT sealed_secret FROM providers WHERE name = 'p0'") == fresh


@pytest.mark.parametrize("step", ["add_key", "_take_the_lead", "reseal"])
async def test_killed_at_any_step_it_goes_on(
    pool: Pool, settings: Settings, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Killed before the key is made, before it leads, or before anything is sealed anew: the next run ends with one new key."""
    secrets = await providers(pool, settings, clock, 3)

    class KilledError(Exception):
        pass

    def die(*_: object, **__: object) -> None:
        raise KilledError

    monkeypatch.setattr(rotation, step, die)
    with pytest.raises(KilledError):
        await rotated(pool, settings, clock)
    assert await opened(pool, await leading(pool, settings, clock)) == sorted(secrets)
    monkeypatch.undo()
    done = await rotated(pool, settings, clock)
    assert (done.resumed, done.changed, done.remaining) == (step == "reseal", 3, 0)
    assert len(load_keyring(settings).fingerprints()) == 2
    assert await opened(pool, await leading(pool, settings, clock)) == sorted(secrets)


def with_keys(settings: Settings, *keys: str) -> Settings:
    """Return the settings of a machine that has these keys in its environment."""
    return settings.model_copy(update={"secret_keys": SecretStr(",".join(keys))})


async def test_a_key_leads_only_once_every_process_has_it(pool: Pool, settings: Settings, clock: MovableClock) -> None:
    """Of two machines one lacks the new key: the rotation is refused with its name, and a restart with the key mends it.

    The machine that has the new key in front seals with the old one all the while. A process that is gone is not waited for.
    """
    old, new = new_key_text(), new_key_text()
    one, two = with_keys(settings, new, old), with_keys(settings, old)
    slow, quick = load_keyring(two), load_keyring(one)
    watches = [KeyWatch(pool, slow, clock, part="worker"), KeyWatch(pool, quick, clock, part="api")]
    for watch in watches:
        await watch.settle()
    assert quick.leads == slow.leads
    assert slow.open(quick.seal(b"token")) == b"token"
    with pytest.raises(ProcessesLackKey, match="worker"):
        await rotated(pool, one, clock)
    await watches[1].look()
    assert slow.open(quick.seal(b"token")) == b"token"
    with pytest.raises(NoFreshKey):
        await rotated(pool, two, clock)
    await watches[0].let_go()
    restarted = load_keyring(with_keys(settings, old, new))
    await KeyWatch(pool, restarted, clock, part="worker").settle()
    assert restarted.open(quick.seal(b"token")) == quick.open(restarted.seal(b"token")) == b"token"
    done = await rotated(pool, one, clock, patience=timedelta(0))
    assert restarted.open(Keyring(parse_keys([new], source="test")).seal(b"token")) == b"token"
    with pytest.raises(KeyMissing, match=done.leads):
        await KeyWatch(pool, load_keyring(two), clock, part="worker").settle()
    assert len((await standing(pool, now=clock.now())).holders) == 2
    clock.advance(timedelta(minutes=2))
    assert (await standing(pool, now=clock.now())).holders == []


async def test_processes_that_run_take_over_the_key(pool: Pool, settings: Settings, clock: MovableClock) -> None:
    """A process reads the file again, tells that it has the key, and then seals with it; the rotation waits for that."""
    keyring = load_keyring(settings)
    watch = KeyWatch(pool, keyring, clock, part="worker")
    await watch.settle()
    before, looked = keyring.leads, asyncio.Event()

    async def look() -> None:
        while not looked.is_set():
            await watch.look()
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    done = await rotated(pool, settings, clock, patience=timedelta(hours=1))
    looked.set()
    await looking
    found = await standing(pool, now=clock.now())
    assert [holder.leads for holder in found.holders] == [done.leads] == [keyring.leads] != [before]


async def test_two_first_starts_agree(pool: Pool, settings: Settings, clock: MovableClock) -> None:
    """Two machines with their keys in another order start at once on a new database: one key leads on both."""
    one, two = new_key_text(), new_key_text()
    rings = [load_keyring(with_keys(settings, *keys)) for keys in ((one, two), (two, one))]
    async with pool.acquire() as first, pool.acquire() as second:
        await asyncio.gather(
            *(
                follow(connection, ring, now=clock.now())
                for connection, ring in zip((first, second), rings, strict=True)
            )
        )
    assert rings[0].leads == rings[1].leads


async def test_a_key_is_retired_only_when_nothing_needs_it(pool: Pool, settings: Settings, clock: MovableClock) -> None:
    """Refused for the key that leads, one that still seals, one that a process seals with, one whose links work; then not."""
    await providers(pool, settings, clock, 1)
    keyring = load_keyring(settings)
    watch = KeyWatch(pool, keyring, clock, part="api")
    await watch.settle()
    old = keyring.leads

    async def try_it(says: str, **more: bool) -> None:
        async with pool.acquire() as connection:
            with pytest.raises((KeyInUse, KeyNotKnown), match=says):
                await retire(connection, settings, key, break_links=more.get("break_links", True), now=clock.now())

    key = old
    await try_it("seals and signs now")
    add_key(settings)
    await watch.look()
    former = await pool.fetchval("SELECT sealed_secret FROM providers")
    done = await rotated(pool, settings, clock, patience=timedelta(0))
    await try_it("still seals with the key")
    await watch.look()
    await pool.execute("UPDATE providers SET sealed_secret = $1", former)
    await try_it("1 in providers.sealed_secret")
    await reseal(pool, keyring)
    await try_it("Links that were signed", break_links=False)
    key = "0" * 16
    await try_it("has ever sealed")
    async with pool.acquire() as connection:
        clock.advance(timedelta(days=7, seconds=1))
        await retire(connection, settings, old, break_links=False, now=clock.now())
    assert load_keyring(settings).fingerprints() == (done.leads,)
    await watch.look()
    assert keyring.fingerprints() == (done.leads,)
    assert (await standing(pool, now=clock.now())).role_of(old) is Role.RETIRED


async def rotated_under(api: Api, clock: MovableClock) -> Rotated:
    """Rotate beside an API that has just read its key file again."""
    context = api.context
    add_key(context.settings)
    context.keyring.look_again()
    await context.pool.execute("UPDATE key_holders SET key_ids = $1", list(context.keyring.fingerprints()))
    return await rotated(context.pool, context.settings, clock, patience=timedelta(0))


async def test_an_answer_that_shows_a_secret_holds_its_key(api: Api, stage: Stage, clock: MovableClock) -> None:
    """A stored answer with signed links is sealed, replays as it was over a rotation, and keeps its key from retiring."""
    project, pool = await stage.project(), api.context.pool
    call = {"files": [{"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": 3}], "grouping": "per-file"}
    path, headers = f"/v1/projects/{project}/content/uploads", {"Idempotency-Key": "once"}
    first = await stage.client.post(path, json=call, headers=headers)
    old = api.context.keyring.leads
    stored = await pool.fetchval("SELECT body FROM idempotency_keys WHERE route LIKE '%uploads'")
    assert (key_id_of(stored), b"signature" in stored) == (old, False)
    await rotated_under(api, clock)
    again = await stage.client.post(path, json=call, headers=headers)
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    async with pool.acquire() as connection:
        with pytest.raises(KeyInUse, match=r"1 in idempotency_keys\.body"):
            await retire(connection, api.context.settings, old, break_links=True, now=clock.now())


async def test_links_work_over_a_rotation(api: Api, stage: Stage, clock: MovableClock) -> None:
    """An upload whose link was signed before a rotation goes through after it, and so does one from after it."""
    project = await stage.project()
    call = {"files": [{"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": 3}], "grouping": "per-file"}
    browser, path = await api.anonymous(), f"/v1/projects/{project}/content/uploads"

    async def link() -> str:
        target = (await stage.client.post(path, json=call)).json()["items"][0]["files"][0]
        return str(target["uploadUrl"])

    before = await link()
    done = await rotated_under(api, clock)
    assert api.context.keyring.lead_with(done.leads)
    after = await link()
    for url in (before, after):
        put = await browser.put(url, content=b"abc", headers={"Content-Type": "image/jpeg"})
        assert put.status_code < 300, put.text


async def test_a_refresh_under_way_is_not_disturbed(
    api: Api, stage: Stage, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tokens are sealed anew while TikTok is replacing them: the new pair is stored all the same, since it exists only once."""
    account = await stage.account(await stage.project(), "tiktok", "bakery")
    context, account_id = api.context, UUID(account.removeprefix("sa_"))
    platform = context.platforms.get(LoginName.TIKTOK, Environment.TEST)
    refresh = platform.login.refresh

    async def rotate_meanwhile(tokens: Tokens, *, now: datetime) -> Tokens:
        assert (await rotated_under(api, clock)).changed == 1
        return await refresh(tokens, now=now)

    monkeypatch.setattr(platform.login, "refresh", rotate_meanwhile)
    used = await access_token(context.pool, context.keyring, platform, account_id, clock=clock)
    fresh = await renew_token(context.pool, context.keyring, platform, account_id, refused=used, clock=clock)
    sealed = await context.pool.fetchval("SELECT sealed_tokens FROM social_accounts")
    assert open_tokens(context.keyring, sealed).access_token == fresh != used


async def test_a_key_that_is_gone_for_good_is_given_up(api: Api, stage: Stage, clock: MovableClock, pool: Pool) -> None:
    """Without its key nothing starts; given up, the key here leads, and the accounts that needed the other one reconnect."""
    project = await stage.project()
    account = await stage.account(project, "tiktok", "bakery")
    old, settings = api.context.keyring.leads, api.context.settings
    await pool.execute("DELETE FROM key_holders")
    key_file(settings).unlink()
    keyring = load_keyring(settings)
    with pytest.raises(KeyMissing, match=old):
        await _follow(pool, keyring, clock)
    async with pool.acquire() as connection:
        assert await give_up_lost(connection, settings, old, now=clock.now()) == 1
        with pytest.raises(KeyInUse, match="not lost"):
            await give_up_lost(connection, settings, keyring.leads, now=clock.now())
    await _follow(pool, keyring, clock)
    read = await stage.client.get(f"/v1/social-accounts/{account}")
    assert read.json()["status"] == "reauth_required"
    found: Standing = await standing(pool, now=clock.now())
    assert (found.leads, found.role_of(old)) == (keyring.leads, Role.RETIRED)
    assert found.in_use_without(keyring.fingerprints()) == {old: 1}


async def _follow(pool: Pool, keyring: Keyring, clock: MovableClock) -> None:
    connection: Connection
    async with pool.acquire() as connection:
        await follow(connection, keyring, now=clock.now())


async def test_a_start_outlives_a_database_that_goes_away(
    pool: Pool, settings: Settings, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections that are cut while a process starts don't end it: it settles when the server is there again."""
    monkeypatch.setattr(watching, "_START_PAUSE_SECONDS", 0.0)
    watch = KeyWatch(pool, load_keyring(settings), clock, part="api")
    async with pool.acquire() as mine:
        await mine.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await watch.start()
    assert len((await standing(pool, now=clock.now())).holders) == 1
    cut = iter([asyncpg.ConnectionDoesNotExistError("cut"), TimeoutError()])
    settle = watch.settle

    async def settle_at_last() -> None:
        for error in cut:
            raise error
        await settle()

    monkeypatch.setattr(watch, "settle", settle_at_last)
    await watch.start()
    assert list(cut) == []
