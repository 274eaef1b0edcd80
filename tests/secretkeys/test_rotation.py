"""A rotation, step by step: no process meets a value that it can't decrypt, and each step can be the last one."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from pydantic import SecretStr
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.world import World

from presswork.accounts.providers import add_provider
from presswork.accounts.tokens import access_token, renew_token
from presswork.accounts.vault import open_tokens
from presswork.core.enums import Environment
from presswork.crypto.keyring import Keyring, add_key, key_file, key_id_of, load_keyring, new_key_text
from presswork.db.pool import Connection, Pool
from presswork.platforms.names import LoginName
from presswork.platforms.port import Tokens
from presswork.platforms.settings import Settings
from presswork.secretkeys import primary
from presswork.secretkeys import rotate as rotation
from presswork.secretkeys.inventory import SEALED, key_inventory
from presswork.secretkeys.model import KeyInUse, KeyMissing, KeyNotAnnounced, KeyNotKnown, NoFreshKey, Role
from presswork.secretkeys.primary import keyring_for, open_keyring, settle_primary
from presswork.secretkeys.re_encrypt import ReEncrypted, re_encrypt, run_re_encryption
from presswork.secretkeys.rotate import Rotated, give_up_lost, re_encrypt_all, retire, rotate

SECOND = timedelta(seconds=1)
NOT_SEALED = {
    "api_keys.secret_hash",
    "idempotency_keys.fingerprint",
    "operators.phone_code_hash",
    "oauth_tokens.token_hash",
    "page_links.token_hash",
    "phone_events.phone_hash",
    "platform_notices.body_hash",
    "push_subscriptions.endpoint_hash",
    "sessions.token_hash",
    "sign_in_windows.subject",
    "scim_tokens.token_hash",
    "sign_up_links.token_hash",
    "user_requests.digest",
}
"""Columns of bytes that hold hashes."""


async def rotated(pool: Pool, settings: Settings, clock: MovableClock, *, patience: timedelta = 3 * SECOND) -> Rotated:
    """Rotate, as the command does."""
    async with pool.acquire() as connection:
        return await rotate(connection, settings, clock=clock, patience=patience, report=lambda _: None)


async def current_keys(pool: Pool, settings: Settings, clock: MovableClock) -> Keyring:
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


async def round_of(pool: Pool, keyring: Keyring, *, batch: int = 100) -> ReEncrypted:
    """Re-encrypt, as a worker does."""
    async with pool.acquire() as connection:
        return await re_encrypt(connection, keyring, batch=batch)


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


async def test_a_rotation_re_encrypts_everything(pool: Pool, settings: Settings, clock: MovableClock) -> None:
    """A new key is put in the file and becomes the primary; each value is encrypted with it and unchanged. A second run makes a third key."""
    secrets = await providers(pool, settings, clock, 7)
    before = (await current_keys(pool, settings, clock)).primary
    done = await rotated(pool, settings, clock)
    after = await current_keys(pool, settings, clock)
    assert (done.changed, done.remaining, done.broken, done.resumed) == (7, 0, 0, False)
    assert done.primary == after.primary != before
    assert await opened(pool, after) == sorted(secrets)
    found = await key_inventory(pool)
    assert found.counts == {done.primary: {"providers.sealed_secret": 7}}
    assert [period.role for period in found.periods] == [Role.PRIMARY, Role.FORMER]
    again = await rotated(pool, settings, clock)
    assert (again.resumed, again.primary == done.primary, again.changed) == (False, False, 7)


async def test_small_batches_get_to_the_end(pool: Pool, settings: Settings, clock: MovableClock) -> None:
    """Values that no key decrypts are skipped, wherever they are, and counted; those behind them are reached."""
    secrets = await providers(pool, settings, clock, 7)
    stranger = Keyring([b"s" * 32])
    for name in ("p1", "p2", "p3"):
        await pool.execute("UPDATE providers SET sealed_secret = $1 WHERE name = $2", stranger.seal(b"x"), name)
    add_key(settings)
    keyring = load_keyring(settings)
    done = await round_of(pool, keyring, batch=2)
    assert (done.changed, done.broken) == (4, 3)
    counts = (await key_inventory(pool)).counts
    assert {key: places["providers.sealed_secret"] for key, places in counts.items()} == {
        keyring.primary: 4,
        stranger.primary: 3,
    }
    assert len(secrets) == 7
    assert (await round_of(pool, keyring, batch=2)).changed == 0


async def test_values_from_before_keys_were_named_get_a_name(
    pool: Pool, settings: Settings, clock: MovableClock
) -> None:
    """A bare value is counted apart, does not count as a rotation in progress, and is re-encrypted by maintenance."""
    [secret] = await providers(pool, settings, clock, 1)
    keyring = await current_keys(pool, settings, clock)
    await pool.execute("UPDATE providers SET sealed_secret = substring(sealed_secret FROM 21)")
    found = await key_inventory(pool)
    assert (found.counts, found.to_re_encrypt()) == ({None: {"providers.sealed_secret": 1}}, 0)
    assert (await round_of(pool, keyring)).changed == 1
    assert await opened(pool, keyring) == [secret]
    assert (await key_inventory(pool)).counts == {keyring.primary: {"providers.sealed_secret": 1}}


async def test_what_is_written_meanwhile_is_left_alone(pool: Pool, settings: Settings, clock: MovableClock) -> None:
    """A row that a transaction holds is not waited for, and a value that was changed in between is not overwritten."""
    await providers(pool, settings, clock, 2)
    add_key(settings)
    keyring = load_keyring(settings)
    async with pool.acquire() as other, other.transaction():
        fresh = keyring.seal(b"newer")
        await other.execute("UPDATE providers SET sealed_secret = $1 WHERE name = 'p0'", fresh)
        assert (await asyncio.wait_for(round_of(pool, keyring), 60)).changed == 1
    assert await pool.fetchval("SELECT sealed_secret FROM providers WHERE name = 'p0'") == fresh


@pytest.mark.parametrize("step", ["add_key", "settle_primary", "re_encrypt"])
async def test_killed_at_any_step_it_continues(
    pool: Pool, settings: Settings, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Killed before the key exists, before it is recorded, or before anything is re-encrypted: the next run ends with one new key."""
    secrets = await providers(pool, settings, clock, 3)
    settle = settle_primary

    class KilledError(Exception):
        pass

    async def die(connection: Connection, keyring: Keyring, **more: Any) -> None:  # Any: as each of the three steps
        if step == "settle_primary" and len(keyring.fingerprints()) == 1:
            return await settle(connection, keyring, **more)
        raise KilledError

    def die_at_once(_: Settings) -> None:
        raise KilledError

    monkeypatch.setattr(rotation, step, die_at_once if step == "add_key" else die)
    with pytest.raises(KilledError):
        await rotated(pool, settings, clock)
    assert len(load_keyring(settings).fingerprints()) == (1 if step == "add_key" else 2)
    monkeypatch.undo()
    assert await opened(pool, load_keyring(settings)) == sorted(secrets)
    done = await rotated(pool, settings, clock)
    assert (done.resumed, done.changed, done.remaining) == (step == "re_encrypt", 3, 0)
    assert len(load_keyring(settings).fingerprints()) == 2
    assert await opened(pool, await current_keys(pool, settings, clock)) == sorted(secrets)


def with_keys(settings: Settings, *keys: str) -> Settings:
    """Return the settings of a machine that has these keys in its environment."""
    return settings.model_copy(update={"secret_keys": SecretStr(",".join(keys))})


async def started(pool: Pool, settings: Settings) -> Keyring:
    """Return the keys of a process that starts now."""
    return await open_keyring(settings, pool)


async def test_a_key_becomes_the_primary_in_two_rolling_restarts(pool: Pool, settings: Settings) -> None:
    """A new key is last, then first: at every instant each process decrypts what every other one encrypts."""
    old, new = new_key_text(), new_key_text()
    machines = [await started(pool, with_keys(settings, old)) for _ in range(2)]
    for order in ((old, new), (new, old)):
        for number in range(2):
            machines[number] = await started(pool, with_keys(settings, *order))
            for one in machines:
                assert all(other.open(one.seal(b"token")) == b"token" for other in machines)
    assert {machine.primary for machine in machines} == {machines[0].fingerprints()[0]}
    restarted = await started(pool, with_keys(settings, old, new))
    assert restarted.primary == machines[0].primary, "the order from before the rotation is not followed"


async def test_a_key_that_no_process_has_had_before_is_refused_as_the_first(
    pool: Pool, settings: Settings, clock: MovableClock
) -> None:
    """Put first at once, the others could not decrypt with it: the process does not start, and nothing has changed."""
    old, new = new_key_text(), new_key_text()
    running = await started(pool, with_keys(settings, old))
    with pytest.raises(KeyNotAnnounced, match="Put it last on every machine"):
        await started(pool, with_keys(settings, new, old))
    with pytest.raises(KeyNotAnnounced):
        await rotated(pool, with_keys(settings, new, old), clock)
    assert (await key_inventory(pool)).primary == running.primary


async def test_a_process_without_the_primary_does_not_start(
    pool: Pool, settings: Settings, clock: MovableClock
) -> None:
    """A machine that has only the old key after a rotation is refused, with the ID of the key that it needs."""
    old, new = new_key_text(), new_key_text()
    await started(pool, with_keys(settings, old, new))
    done = await rotated(pool, with_keys(settings, new, old), clock)
    with pytest.raises(KeyMissing, match=done.primary):
        await started(pool, with_keys(settings, old))


async def test_a_worker_with_the_former_order_re_encrypts_with_the_recorded_primary(
    pool: Pool, settings: Settings, clock: MovableClock
) -> None:
    """In the middle of a rolling restart, workers with either order re-encrypt towards the same key, not back and forth."""
    old, new = new_key_text(), new_key_text()
    await started(pool, with_keys(settings, old))
    before = await started(pool, with_keys(settings, old, new))
    [secret] = await providers(pool, with_keys(settings, old, new), clock, 1)
    after = await started(pool, with_keys(settings, new, old))
    for keyring in (before, after, before):
        await run_re_encryption(pool, keyring)
        assert (await key_inventory(pool)).counts == {after.primary: {"providers.sealed_secret": 1}}
    assert await opened(pool, before) == [secret]
    without_new = load_keyring(with_keys(settings, old))
    await run_re_encryption(pool, without_new)
    assert list((await key_inventory(pool)).counts) == [after.primary], (
        "a worker without the primary leaves everything as it is"
    )


async def test_rotate_needs_a_new_key_in_the_setting(pool: Pool, settings: Settings, clock: MovableClock) -> None:
    """A first key that has been the primary is not rotated to; everything is re-encrypted by its own command, too."""
    old, new = new_key_text(), new_key_text()
    await started(pool, with_keys(settings, old, new))
    await providers(pool, with_keys(settings, old, new), clock, 3)
    with pytest.raises(NoFreshKey):
        await rotated(pool, with_keys(settings, old, new), clock)
    await started(pool, with_keys(settings, new, old))
    async with pool.acquire() as connection:
        done = await re_encrypt_all(connection, with_keys(settings, new, old), clock=clock, patience=timedelta(0))
    assert (done.changed, done.remaining, done.broken) == (3, 0, 0)
    assert list((await key_inventory(pool)).counts) == [done.primary]


async def test_running_processes_follow_the_key_file(pool: Pool, settings: Settings, clock: MovableClock) -> None:
    """After a rotation on one machine, a process that runs encrypts with the new key at once, without a restart."""
    running = await started(pool, settings)
    before = running.primary
    done = await rotated(pool, settings, clock)
    assert key_id_of(running.seal(b"token")) == done.primary != before


async def test_two_first_starts_agree(pool: Pool, settings: Settings) -> None:
    """Two machines with their keys in another order start at once on a new database: both use one primary."""
    one, two = new_key_text(), new_key_text()
    rings = await asyncio.gather(*(started(pool, with_keys(settings, *keys)) for keys in ((one, two), (two, one))))
    periods = (await key_inventory(pool)).periods
    assert [period.role for period in periods].count(Role.PRIMARY) == 1
    for ring in rings:
        assert all(other.open(ring.seal(b"token")) == b"token" for other in rings)


async def test_a_key_is_retired_only_when_nothing_needs_it(pool: Pool, settings: Settings, clock: MovableClock) -> None:
    """Refused for the primary, for one that still encrypts, and for one whose links are valid; then not."""
    await providers(pool, settings, clock, 1)
    keyring = await started(pool, settings)
    old = keyring.primary

    async def refused(key: str, says: str, *, break_links: bool = True) -> None:
        async with pool.acquire() as connection:
            with pytest.raises((KeyInUse, KeyNotKnown), match=says):
                await retire(connection, settings, key, break_links=break_links, now=clock.now())

    await refused(old, "is the primary")
    former = await pool.fetchval("SELECT sealed_secret FROM providers")
    done = await rotated(pool, settings, clock)
    await pool.execute("UPDATE providers SET sealed_secret = $1", former)
    await refused(old, r"1 in providers\.sealed_secret")
    await run_re_encryption(pool, keyring)
    await refused(old, "Links signed with the key", break_links=False)
    await refused("0" * 16, "never been in use")
    async with pool.acquire() as connection:
        clock.advance(timedelta(days=7, seconds=1))
        await retire(connection, settings, old, break_links=False, now=clock.now())
    assert load_keyring(settings).fingerprints() == keyring.fingerprints() == (done.primary,)
    assert (await key_inventory(pool)).role_of(old) is Role.RETIRED


async def rotated_under(api: Api, clock: MovableClock) -> Rotated:
    """Rotate beside an API that runs."""
    return await rotated(api.context.pool, api.context.settings, clock, patience=timedelta(0))


async def test_an_answer_that_shows_a_secret_holds_its_key(api: Api, world: World, clock: MovableClock) -> None:
    """A stored answer with signed links is sealed, replays as it was over a rotation, and keeps its key from retiring."""
    project, pool = await world.project(), api.context.pool
    call = {"files": [{"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": 3}], "grouping": "per-file"}
    path, headers = f"/v1/projects/{project}/content/uploads", {"Idempotency-Key": "once"}
    first = await world.client.post(path, json=call, headers=headers)
    old = api.context.keyring.primary
    stored = await pool.fetchval("SELECT body FROM idempotency_keys WHERE route LIKE '%uploads'")
    assert (key_id_of(stored), b"signature" in stored) == (old, False)
    await rotated_under(api, clock)
    again = await world.client.post(path, json=call, headers=headers)
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    async with pool.acquire() as connection:
        with pytest.raises(KeyInUse, match=r"1 in idempotency_keys\.body"):
            await retire(connection, api.context.settings, old, break_links=True, now=clock.now())


async def test_links_work_over_a_rotation(api: Api, world: World, clock: MovableClock) -> None:
    """An upload whose link was signed before a rotation goes through after it, and so does one from after it."""
    project = await world.project()
    call = {"files": [{"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": 3}], "grouping": "per-file"}
    browser, path = await api.anonymous(), f"/v1/projects/{project}/content/uploads"

    async def link() -> str:
        target = (await world.client.post(path, json=call)).json()["items"][0]["files"][0]
        return str(target["uploadUrl"])

    before = await link()
    done = await rotated_under(api, clock)
    assert api.context.keyring.primary == done.primary
    after = await link()
    for url in (before, after):
        put = await browser.put(url, content=b"abc", headers={"Content-Type": "image/jpeg"})
        assert put.status_code < 300, put.text


async def test_a_refresh_under_way_is_not_disturbed(
    api: Api, world: World, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tokens are re-encrypted while TikTok is replacing them: the new pair is stored all the same, since it exists only once."""
    account = await world.account(await world.project(), "tiktok", "bakery")
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


async def test_a_key_that_is_gone_for_good_is_given_up(api: Api, world: World, clock: MovableClock, pool: Pool) -> None:
    """Without its key nothing starts; given up, the key here is the primary, and accounts that needed the other must reconnect."""
    project = await world.project()
    account = await world.account(project, "tiktok", "bakery")
    old, settings = api.context.keyring.primary, api.context.settings
    key_file(settings).unlink()
    keyring = load_keyring(settings)
    with pytest.raises(KeyMissing, match=old):
        await _follow(pool, keyring, clock)
    async with pool.acquire() as connection:
        assert await give_up_lost(connection, settings, old, now=clock.now()) == 1
        with pytest.raises(KeyInUse, match="not lost"):
            await give_up_lost(connection, settings, keyring.primary, now=clock.now())
    await _follow(pool, keyring, clock)
    read = await world.client.get(f"/v1/social-accounts/{account}")
    assert read.json()["status"] == "reauth_required"
    found = await key_inventory(pool)
    assert (found.primary, found.role_of(old)) == (keyring.primary, Role.RETIRED)
    assert found.needed_beyond(keyring.fingerprints()) == {old: 1}


async def _follow(pool: Pool, keyring: Keyring, clock: MovableClock) -> None:
    async with pool.acquire() as connection:
        await settle_primary(connection, keyring, now=clock.now())


async def test_a_start_outlives_a_database_that_goes_away(
    pool: Pool, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections that are cut while a process starts do not end it: it continues when the server is back."""
    monkeypatch.setattr(primary, "_START_PAUSE_SECONDS", 0.0)
    async with pool.acquire() as mine:
        await mine.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )
        assert (await open_keyring(settings, pool)).primary
    cut = iter([asyncpg.ConnectionDoesNotExistError("cut"), TimeoutError()])
    settle = settle_primary

    async def settle_at_last(connection: Connection, keyring: Keyring) -> None:
        for error in cut:
            raise error
        await settle(connection, keyring)

    monkeypatch.setattr(primary, "settle_primary", settle_at_last)
    assert (await open_keyring(settings, pool)).primary
    assert list(cut) == []
