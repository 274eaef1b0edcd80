"""Restore: what it refuses, where it puts data, and which posts it marks for reconciliation."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_ISREG
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from tests.backup.backups import Backups
from tests.clocks import MovableClock
from tests.databases import as_owner
from tests.worker.rows import NOW, insert_account, insert_post, owner_of_project

from presswork.backup.archive import opened
from presswork.backup.model import NothingToBackUp, NotRestorable, TransferFailed
from presswork.backup.programs import client_programs
from presswork.backup.restore_reconciliation import Reconciliation
from presswork.backup.transfer import load
from presswork.cli.commands.backup import latest_now
from presswork.core.errors import Unavailable
from presswork.crypto.keyring import load_keyring, new_key_text
from presswork.db.migrate import migrations
from presswork.db.one_connection import connected
from presswork.db.pool import Pool
from presswork.platforms.settings import Settings
from presswork.posts.model import COMMENT_CALLED, RESTORED

MINUTE: Final = timedelta(minutes=1)
_USER: Final = """
INSERT INTO users (id, organization_id, email, name, role, role_source, created_at)
SELECT $1, id, 'ines@example.com', '', 'viewer', 'administrator', $2 FROM organizations LIMIT 1
"""


async def states(dsn: str) -> dict[UUID, dict[str, Any]]:
    """Return the row of each post."""
    async with connected(dsn) as connection:
        rows = await connection.fetch("SELECT id, platform_state FROM scheduled_posts ORDER BY id LIMIT 100")
    return {row["id"]: json.loads(row["platform_state"]) for row in rows}


@pytest.fixture
async def account(pool: Pool) -> UUID:
    """A connected account."""
    await owner_of_project(pool)
    return await insert_account(pool)


async def empty(dsn: str) -> None:
    """Drop everything in a database."""
    async with connected(dsn) as connection:
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


async def posts_of_all_kinds(pool: Pool, account: UUID) -> dict[str, UUID]:
    """Insert posts that are due at various times, two leased ones, and a live one whose comment is pending."""
    due = {"past": -MINUTE, "soon": 10 * MINUTE, "behind": 10 * MINUTE, "later": 60 * MINUTE, "at work": -MINUTE}
    posts = {name: await insert_post(pool, account, due=NOW + when) for name, when in due.items()}
    for name in ("live", "published"):
        posts[name] = await insert_post(pool, await insert_account(pool), due=NOW)
    await pool.execute("UPDATE scheduled_posts SET run_at = $2 WHERE id = $1", posts["behind"], NOW + 90 * MINUTE)
    await pool.execute(
        "UPDATE scheduled_posts SET status = 'publishing', leased_by = 'w', leased_until = $2, platform_state = $3 WHERE id = $1",
        posts["at work"],
        NOW + MINUTE,
        '{"prepared": {"odd": "\\u0000", "comma": ", }"}}',
    )
    await pool.execute(
        "UPDATE scheduled_posts SET status = 'publishing', leased_until = $2, live_call_at = $3, live_at = $3 WHERE id = $1",
        posts["live"],
        NOW + 600 * MINUTE,
        NOW - MINUTE,
    )
    await pool.execute("UPDATE scheduled_posts SET status = 'published' WHERE id = $1", posts["published"])
    await pool.execute("INSERT INTO post_follow_ups VALUES ($1, false, true, $2, $2, 0)", posts["published"], NOW)
    return posts


@pytest.mark.exhaustive
async def test_posts_that_were_due_while_it_ran_are_reconciled(
    pool: Pool, account: UUID, backups: Backups, from_settings: Settings, to_settings: Settings, bare_dsn: str
) -> None:
    """Leased posts and those due before the service ended are reconciled; later ones, or all if none ran, are unchanged."""
    posts = await posts_of_all_kinds(pool, account)
    file, now = await backups.take(from_settings, now=NOW), NOW + 30 * MINUTE
    before = await states(str(from_settings.database_url and from_settings.database_url.get_secret_value()))
    for ran_for, reconciled in (
        (30 * MINUTE, {"past", "soon", "behind", "at work", "live"}),
        (MINUTE, {"past", "at work", "live"}),
    ):
        restored = await backups.restore(file, to_settings, now=now, ran_until=NOW + ran_for)
        kept = await states(bare_dsn)
        assert {name for name, post in posts.items() if RESTORED in kept[post]} == reconciled
        assert {name for name, post in posts.items() if COMMENT_CALLED in kept[post]} == reconciled | {"published"}
        assert kept[posts["at work"]]["prepared"] == {"odd": "\0", "comma": ", }"}
        assert restored.counts["reconciledPosts"] == len(reconciled)
        assert restored.waiting == len({"soon", "behind", "later"} - reconciled)
        async with connected(bare_dsn) as connection:
            called = await connection.fetchval("SELECT count(*) FROM scheduled_posts WHERE live_call_at IS NOT NULL")
            held = await connection.fetchval(
                "SELECT count(*) FROM scheduled_posts WHERE status = 'publishing' AND (leased_by IS NOT NULL OR leased_until > $1)",
                now,
            )
        assert (called, held) == (len(reconciled), 0)
        await empty(bare_dsn)
    restored = await backups.restore(file, to_settings, now=now, ran_until=None)
    assert await states(bare_dsn) == before
    assert (dict(restored.counts), restored.waiting) == ({}, 4)


async def test_a_take_down_continues_and_a_change_is_not_made_again(
    pool: Pool, account: UUID, backups: Backups, from_settings: Settings, to_settings: Settings, bare_dsn: str
) -> None:
    """A later change may have been made after the backup. A post that is missing then may have been taken down by Presswork."""
    posts = {kind: await insert_post(pool, account, due=NOW) for kind in ("take_down", "edit")}
    for kind, post in posts.items():
        await pool.execute("UPDATE scheduled_posts SET status = 'published' WHERE id = $1", post)
        await pool.execute(
            """INSERT INTO live_changes (post_id, kind, edit, progress, asked_at, gives_up_at, run_at, leased_by)
               VALUES ($1, $2, '{"caption": "New"}', '{"called": ["1"]}', $3, $3, $3, 'w')""",
            post,
            kind,
            NOW,
        )
    file, now = await backups.take(from_settings, now=NOW), NOW + 30 * MINUTE
    await backups.restore(file, to_settings, now=now, ran_until=now)
    async with connected(bare_dsn) as connection:
        rows = await connection.fetch(
            "SELECT kind, progress, leased_by, ended_at IS NULL AS is_open, edit FROM live_changes"
        )
        last_edit = await connection.fetchval("SELECT last_edit FROM scheduled_posts WHERE id = $1", posts["edit"])
    found = {row["kind"]: row for row in rows}
    assert [row["leased_by"] for row in rows] == [None, None]
    assert json.loads(found["take_down"]["progress"]) == {"called": ["1"], "is_restored": True}
    assert [found[kind]["is_open"] for kind in posts] == [True, False]
    assert found["edit"]["edit"] is None
    assert "may have been changed after that" in json.loads(last_edit)["message"]


@pytest.mark.exhaustive
async def test_agents_are_disconnected(
    pool: Pool, account: UUID, backups: Backups, from_settings: Settings, to_settings: Settings, bare_dsn: str
) -> None:
    """An agent that was disconnected after the backup must not act again; where nothing ran since, all stay."""
    del account
    user, client = uuid4(), uuid4()
    await pool.execute(_USER, user, NOW)
    await pool.execute("INSERT INTO oauth_clients VALUES ($1, 'Agent', '{http://localhost/}', $2)", client, NOW)
    await pool.execute(
        "INSERT INTO oauth_grants (id, client_id, user_id, environment, scopes, resource, created_at, expires_at)"
        " VALUES ($1, $2, $3, 'test', '{}', 'http://localhost/mcp', $4, $5)",
        uuid4(),
        client,
        user,
        NOW,
        NOW + 600 * MINUTE,
    )
    file, now = await backups.take(from_settings, now=NOW), NOW + 30 * MINUTE
    for ran_until, grants in ((now, 0), (None, 1)):
        await backups.restore(file, to_settings, now=now, ran_until=ran_until)
        async with connected(bare_dsn) as connection:
            assert await connection.fetchval("SELECT count(*) FROM oauth_grants") == grants
        await empty(bare_dsn)


@pytest.mark.exhaustive
async def test_a_posting_link_does_not_post_again(
    pool: Pool, account: UUID, backups: Backups, from_settings: Settings, to_settings: Settings, bare_dsn: str
) -> None:
    """Links that may have posted after the backup are revoked; where nothing ran since, and all others, stay as they are."""
    del account
    user = uuid4()
    await pool.execute(_USER, user, NOW)
    links = {
        "open": ("tiktok_post_link", 0, NOW + MINUTE, None),
        "posted": ("tiktok_post_link", 1, NOW + MINUTE, None),
        "expired": ("tiktok_post_link", 0, NOW - MINUTE, None),
        "revoked": ("tiktok_post_link", 0, NOW + MINUTE, NOW - MINUTE),
        "review": ("review_link", 0, NOW + MINUTE, None),
    }
    for name, (kind, uses, expires_at, revoked_at) in links.items():
        await pool.execute(
            "INSERT INTO page_links (id, kind, organization_id, environment, project_id, user_id, token_hash, settings,"
            " recipient_name, created_at, expires_at, revoked_at, max_uses, uses)"
            " SELECT $1, $2, p.organization_id, 'test', p.id, $3, sha256($4::text::bytea), '{}', $4, $5, $6, $7, 1, $8"
            " FROM projects p",
            uuid4(),
            kind,
            user,
            name,
            NOW - 600 * MINUTE,
            expires_at,
            revoked_at,
            uses,
        )
    file, now = await backups.take(from_settings, now=NOW), NOW + 30 * MINUTE
    before = {name: revoked_at for name, (_, _, _, revoked_at) in links.items()}
    for ran_until, revoked in ((now, {"open": now}), (None, {})):
        restored = await backups.restore(file, to_settings, now=now, ran_until=ran_until)
        async with connected(bare_dsn) as connection:
            rows = await connection.fetch("SELECT recipient_name, revoked_at FROM page_links LIMIT 10")
        assert {row["recipient_name"]: row["revoked_at"] for row in rows} == before | revoked
        assert restored.counts.get("revokedPostingLinks", 0) == len(revoked)
        await empty(bare_dsn)


async def test_impossible_options_are_refused(
    pool: Pool, backups: Backups, from_settings: Settings, to_settings: Settings
) -> None:
    """Refused: resuming although a worker ran, an impossible end of the service, and a schema of a newer version."""
    await pool.execute("INSERT INTO workers VALUES ('w', $1, $1)", NOW)
    file = await backups.take(from_settings, now=NOW)
    for ran_until, says in (
        (None, "worker ran while this backup was taken"),
        (NOW - MINUTE, "can't be earlier"),
        (NOW + 2 * MINUTE, "can't be later than now"),
    ):
        with pytest.raises(NotRestorable, match=says):
            await backups.restore(file, to_settings, now=NOW + MINUTE, ran_until=ran_until)
    await as_owner(pool, "INSERT INTO schema_migrations VALUES ('99991231235959')")
    newer = await backups.take(from_settings, now=NOW)
    with pytest.raises(NotRestorable, match="newer Presswork"):
        await backups.restore(newer, to_settings, now=NOW, ran_until=NOW)
    assert not to_settings.data_dir.exists()


async def test_a_fast_clock_hides_no_worker(
    pool: Pool, backups: Backups, from_settings: Settings, to_settings: Settings
) -> None:
    """A worker runs while a machine whose clock is an hour ahead takes a backup: nothing resumes from it."""
    await pool.execute("INSERT INTO workers VALUES ('w', now(), now())")
    ahead = datetime.now(UTC) + 60 * MINUTE
    file = await backups.take(from_settings, now=ahead)
    with pytest.raises(NotRestorable, match="worker ran while this backup was taken"):
        await backups.restore(file, to_settings, now=ahead, ran_until=None)


async def test_the_service_ran_until_the_later_of_two_clocks(from_settings: Settings) -> None:
    """A machine whose clock is an hour behind the database restores: posts of that hour are not due again."""
    slow, fast = (MovableClock(datetime.now(UTC) + offset) for offset in (-60 * MINUTE, 60 * MINUTE))
    assert await latest_now(from_settings, slow) - slow.now() > 59 * MINUTE
    assert await latest_now(from_settings, fast) == fast.now()
    assert await latest_now(from_settings.model_copy(update={"database_url": None}), slow) == slow.now()


async def test_only_an_empty_database_is_restored_into(
    pool: Pool, backups: Backups, from_settings: Settings, to_settings: Settings, bare_dsn: str
) -> None:
    """A database with any object is refused and unchanged; an empty database can't be backed up."""
    with pytest.raises(NothingToBackUp):
        await backups.take(to_settings, now=NOW)
    assert not list(backups.folder.iterdir())
    file = await backups.take(from_settings, now=NOW)
    async with connected(bare_dsn) as connection:
        await connection.execute("CREATE SEQUENCE mine")
        with pytest.raises(NotRestorable, match="is not empty"):
            await backups.restore(file, to_settings, now=NOW, ran_until=NOW)
        await connection.execute("DROP SEQUENCE mine")
        assert not to_settings.data_dir.exists()
    await backups.restore(file, to_settings, now=NOW, ran_until=NOW)


@pytest.mark.exhaustive
async def test_a_backup_of_the_first_schema_is_migrated(
    backups: Backups, settings: Settings, bare_dsn: str, tmp_path: Path
) -> None:
    """A backup of the first schema is restored into the embedded database and migrated, and its posts are reconciled."""
    first, *later = migrations()
    async with connected(bare_dsn) as connection:
        await connection.execute("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
        await connection.execute(first.sql)
        await connection.execute("INSERT INTO schema_migrations VALUES ($1)", first.version)
        await connection.execute(
            """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id, platform,
                                            mode, status, scheduled_for, run_at, platform_state, faults, version, created_at, updated_at)
               VALUES ($1, $1, $1, 'live', $1, $1, 'tiktok', 'publish', 'queued', $2, $2, '{}', 0, 1, $2, $2)""",
            UUID(int=1),
            NOW,
        )
    file = await backups.take(settings.model_copy(update={"database_url": SecretStr(bare_dsn)}), now=NOW)
    into = settings.model_copy(update={"data_dir": tmp_path / "restored"})
    restored = await backups.restore(file, into, now=NOW, ran_until=NOW)
    assert list(restored.migrated) == [step.version for step in later]
    assert restored.counts == {"reconciledPosts": 1}
    assert (into.data_dir / "postgres" / "cluster" / "PG_VERSION").exists()
    with pytest.raises(NotRestorable, match="already holds a database"):
        await backups.restore(file, into, now=NOW, ran_until=NOW)


async def test_media_is_restored_beside_existing_objects(
    pool: Pool, backups: Backups, from_settings: Settings, to_settings: Settings, bare_dsn: str, tmp_path: Path
) -> None:
    """Objects are restored to the media store of the settings; incomplete objects are not, and others are unchanged."""
    media, sandbox = from_settings.data_dir / "media", from_settings.data_dir / "sandbox"
    (media / "originals" / "a").mkdir(parents=True)
    (media / "originals" / "a" / "1.jpg").write_bytes(b"one")
    (media / "originals" / "half#1").write_bytes(b"half an object")
    (tmp_path / "bigger disk").mkdir()
    (tmp_path / "bigger disk" / "2.jpg").write_bytes(b"two")
    (media / "linked").symlink_to(tmp_path / "bigger disk")
    (media / "loop").symlink_to(media)
    sandbox.mkdir()
    (sandbox / "notes").write_text("fake")
    file = await backups.take(from_settings, now=NOW)
    assert backups.contents(file).parts["media"].files == 2
    place = tmp_path / "elsewhere"
    place.mkdir()
    (to_settings.data_dir / ".restoring-0000").mkdir(parents=True)
    (place / "other").write_bytes(b"two")
    into = to_settings.model_copy(update={"media_store": str(place)})
    await backups.restore(file, into, now=NOW, ran_until=NOW)
    found = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert found == {"originals/a/1.jpg", "linked/2.jpg", "other"}
    assert (place / "originals" / "a" / "1.jpg").read_bytes() == b"one"
    assert (into.data_dir / "sandbox" / "notes").read_text() == "fake"
    assert not list(into.data_dir.glob(".restoring-*"))
    await empty(bare_dsn)
    (into.data_dir / "sandbox" / "notes").write_text("the sandbox is not restored twice")
    await backups.restore(file, into, now=NOW, ran_until=NOW)
    assert (into.data_dir / "sandbox" / "notes").read_text() == "the sandbox is not restored twice"


async def test_root_leaves_what_it_restores_to_the_service(
    pool: Pool, backups: Backups, from_settings: Settings, to_settings: Settings
) -> None:
    """Media, sandbox and key that root restores belong to the owner of the folder, also where it replaces a file."""
    media, sandbox = from_settings.data_dir / "media", from_settings.data_dir / "sandbox" / "state"
    (media / "originals" / "a").mkdir(parents=True)
    (media / "originals" / "a" / "1.jpg").write_bytes(b"one")
    (media / "originals" / "2.jpg").write_bytes(b"two")
    sandbox.mkdir(parents=True)
    (sandbox / "notes").write_text("fake")
    load_keyring(from_settings)
    file = await backups.take(from_settings, now=NOW)
    service = (os.geteuid(), os.getegid()) if os.geteuid() else (4001, 4002)
    folder = to_settings.data_dir
    (folder / "media" / "originals").mkdir(parents=True)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, *service)
    (folder / "media" / "originals" / "2.jpg").touch()  # of a restore that was killed
    await backups.restore(file, to_settings, now=NOW, ran_until=NOW)
    found = {path.relative_to(folder).as_posix(): path.stat() for path in folder.rglob("*")}
    assert {"media/originals/a/1.jpg", "media/originals/2.jpg", "sandbox/state/notes", "secret.key"} <= found.keys()
    assert {name: (status.st_uid, status.st_gid) for name, status in found.items()} == dict.fromkeys(found, service)
    assert {status.st_mode & 0o077 for status in found.values() if S_ISREG(status.st_mode)} == {0}


async def test_media_in_a_bucket_stays_there(
    pool: Pool, backups: Backups, from_settings: Settings, to_settings: Settings
) -> None:
    """Media of a bucket is not in the backup, so a restore needs a bucket too; media of a folder needs a folder."""
    bucket = {"media_store": "s3://bucket"}
    of_bucket = await backups.take(from_settings.model_copy(update=bucket), now=NOW)
    of_folder = await backups.take(from_settings, now=NOW)
    with pytest.raises(NotRestorable, match="is in a bucket"):
        await backups.restore(of_bucket, to_settings, now=NOW, ran_until=NOW)
    into = to_settings.model_copy(update=bucket)
    with pytest.raises(NotRestorable, match="names a bucket"):
        await backups.restore(of_folder, into, now=NOW, ran_until=NOW)
    await backups.restore(of_bucket, into, now=NOW, ran_until=NOW)
    assert not (into.data_dir / "media").exists()


async def test_keys_must_match_the_backup(
    pool: Pool,
    account: UUID,
    backups: Backups,
    from_settings: Settings,
    to_settings: Settings,
    bare_dsn: str,
    tmp_path: Path,
) -> None:
    """Other keys than those of the backup are refused unless `are_keys_lost` is set; then accounts must reconnect."""
    keyring = load_keyring(from_settings)
    with_key = await backups.take(from_settings, now=NOW)
    without = await backups.take(from_settings, now=NOW, with_keys=False)
    by_setting = to_settings.model_copy(update={"secret_keys": SecretStr(new_key_text())})
    in_folder = to_settings.model_copy(update={"data_dir": tmp_path / "used"})
    load_keyring(in_folder)
    for file, into, says in (
        (without, to_settings, "made without its secret keys"),
        (with_key, in_folder, "Move .* aside: the backup has them"),
        (without, in_folder, "Put the keys of the installation there"),
        (with_key, by_setting, "Unset it: the backup has them"),
    ):
        with pytest.raises(NotRestorable, match=says):
            await backups.restore(file, into, now=NOW, ran_until=NOW)
    restored = await backups.restore(with_key, to_settings, now=NOW, ran_until=NOW)
    assert restored.accounts == 1
    assert load_keyring(to_settings).open(keyring.seal(b"token")) == b"token"
    assert (to_settings.data_dir / "secret.key").stat().st_mode & 0o777 == 0o600
    await empty(bare_dsn)
    restored = await backups.restore(without, in_folder, now=NOW, ran_until=NOW, are_keys_lost=True)
    assert (restored.accounts, restored.counts["lostAccounts"]) == (0, 1)


async def test_keys_in_settings_are_not_in_the_backup(
    pool: Pool, backups: Backups, from_settings: Settings, to_settings: Settings
) -> None:
    """Keys in settings are never in a backup; a restore with them, and a newer primary key, succeeds."""
    former, newer = new_key_text(), new_key_text()
    file = await backups.take(from_settings.model_copy(update={"secret_keys": SecretStr(former)}), now=NOW)
    assert "secret.key" not in backups.contents(file).parts
    assert former.encode() not in file.read_bytes()
    into = to_settings.model_copy(update={"secret_keys": SecretStr(f"{newer},{former}")})
    await backups.restore(file, into, now=NOW, ran_until=NOW)
    assert not (into.data_dir / "secret.key").exists()


async def test_a_failed_restore_changes_nothing(
    pool: Pool,
    backups: Backups,
    from_settings: Settings,
    to_settings: Settings,
    bare_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If a statement or the disk fails, the error has the cause, database and folder are unchanged, and a retry works."""
    (from_settings.data_dir / "media").mkdir(parents=True)
    (from_settings.data_dir / "media" / "one").write_bytes(b"one")
    file = await backups.take(from_settings, now=NOW)
    monkeypatch.setattr(Reconciliation, "statements", lambda *_: ["SELECT 1 / 0"])
    with pytest.raises(TransferFailed, match="division by zero"):
        await backups.restore(file, to_settings, now=NOW, ran_until=NOW)
    assert not to_settings.data_dir.exists()

    def fail() -> None:
        raise OSError(28, "No space left on device", "/media")

    monkeypatch.undo()
    monkeypatch.setattr("presswork.backup.restore.os.sync", fail)
    with pytest.raises(Unavailable, match=r"No space left on device \(/media\)"):
        await backups.restore(file, to_settings, now=NOW, ran_until=NOW)
    monkeypatch.undo()
    await backups.restore(file, to_settings, now=NOW, ran_until=NOW)
    assert (to_settings.data_dir / "media" / "one").read_bytes() == b"one"


async def _indexes(dsn: str) -> set[str]:
    async with connected(dsn) as connection:
        rows = await connection.fetch("SELECT indexname FROM pg_indexes WHERE schemaname = 'public' LIMIT 1000")
    return {row["indexname"] for row in rows}


async def test_a_server_without_pg_trgm_is_supported(
    pool: Pool, backups: Backups, from_settings: Settings, dsn: str, bare_dsn: str, tmp_path: Path
) -> None:
    """Without pg_trgm everything but its index is restored, even if the server is too old for settings of the dump."""
    file = await backups.take(from_settings, now=NOW)
    with opened(file) as (archive, _):
        archive.extract("database.dump", tmp_path)
    counts = load(
        client_programs(at_least=18),
        bare_dsn,
        tmp_path / "database.dump",
        has_trigrams=False,
        server_major=16,
        statements=["SELECT 'counted', 'posts', count(*) FROM public.scheduled_posts"],
        variables={},
        before_commit=lambda: None,
    )
    assert counts == {"posts": 0}
    assert await _indexes(dsn) - await _indexes(bare_dsn) == {"tiktok_tracks_by_words"}
