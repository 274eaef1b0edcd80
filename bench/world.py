"""Insert the rows of a benchmark into the database: accounts, content, waiting and due posts."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from presswork.accounts.vault import seal_tokens
from presswork.callers.model import Principal, Scope, Tier
from presswork.core.enums import Environment
from presswork.core.ids import new_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool
from presswork.media.model import ContentType, Kind, Probe
from presswork.orgs.keys import create_key
from presswork.platforms.port import Tokens

_SCOPES: Final = [
    "instagram_business_basic",
    "instagram_business_content_publish",
    "instagram_business_manage_comments",
]
_FAR: Final = timedelta(days=50)
_LONG_SECONDS: Final = 3600
_POST_COLUMNS: Final = """id, project_id, organization_id, environment, container_id, social_account_id, platform, mode,
    status, scheduled_for, run_at, platform_state, error_count, version, created_at, updated_at"""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One organization with a key, and projects with accounts and one picture each."""

    key: str
    key_id: UUID
    organization: UUID
    environment: Environment
    projects: Sequence[UUID]
    containers: Sequence[UUID]
    accounts: Sequence[UUID]
    """Account number i belongs to project number i modulo the number of projects."""

    @property
    def caller(self) -> Principal:
        """The principal of the key."""
        return Principal(
            key_id=self.key_id,
            organization_id=self.organization,
            environment=self.environment,
            scopes=frozenset(scope.value for scope in Scope),
            tier=Tier.UNLIMITED,
            return_domains=(),
            operator_id=None,
            has_endpoints=False,
        )


async def create_world(
    pool: Pool, keyring: Keyring, *, accounts: int, projects: int = 1, environment: Environment = Environment.TEST
) -> World:
    """Insert accounts, projects and content. Tokens are valid for weeks; the picture needs no conversion."""
    now = datetime.now(UTC)
    async with pool.acquire() as connection:
        key = await create_key(
            connection,
            organization="Bench",
            environment=environment,
            scopes=["*"],
            tier=Tier.UNLIMITED,
            return_domains=[],
            operator_id=None,
            name="bench",
            now=now,
        )
    key_id, organization = await pool.fetchrow("SELECT id, organization_id FROM api_keys") or (None, None)
    world = World(
        key=key.token.text,
        key_id=UUID(str(key_id)),
        organization=UUID(str(organization)),
        environment=environment,
        projects=[new_id() for _ in range(projects)],
        containers=[new_id() for _ in range(projects)],
        accounts=[new_id() for _ in range(accounts)],
    )
    await _insert_projects(pool, world, now)
    await _insert_accounts(pool, world, keyring, now)
    await pool.execute("ANALYZE projects, content_containers, media_assets, social_accounts")
    return world


async def _insert_projects(pool: Pool, world: World, now: datetime) -> None:
    probe = Probe(
        kind=Kind.IMAGE,
        content_type=ContentType.JPEG,
        size_bytes=200_000,
        sha256="0" * 64,
        width=1080,
        height=1080,
        rotation=0,
    )
    shape = (world.projects, world.organization, world.environment.value, now)
    await pool.execute(
        """INSERT INTO projects (id, organization_id, environment, name, timezone, metadata, status, review_policy, created_at, updated_at)
           SELECT id, $2, $3, 'Bench', 'UTC', '{}', 'active', 'auto_approve', $4, $4 FROM unnest($1::uuid[]) AS p(id)""",
        *shape,
    )
    await pool.execute(
        """INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status, media_type, caption,
                                           created_at, updated_at)
           SELECT c, p, $2, $3, 'completed', 'not_required', 'image', 'Hello', $4, $4 FROM unnest($1::uuid[], $5::uuid[]) AS t(p, c)""",
        *shape,
        world.containers,
    )
    await pool.execute(
        """INSERT INTO media_assets (id, container_id, organization_id, environment, position, object_key, content_type, size_bytes,
                                     sha256, width, height, probe, created_at, verified_at)
           SELECT c, c, $1, $2, 0, 'bench/picture', 'image/jpeg', 200000, repeat('0', 64), 1080, 1080, $3, $4, $4
             FROM unnest($5::uuid[]) AS t(c)""",
        world.organization,
        world.environment.value,
        TypeAdapter(Probe).dump_json(probe).decode(),
        now,
        world.containers,
    )


async def _insert_accounts(pool: Pool, world: World, keyring: Keyring, now: datetime) -> None:
    tokens = Tokens(access_token="bench", issued_at=now, expires_at=now + _FAR)  # noqa: S106  not a secret
    owners = [world.projects[number % len(world.projects)] for number in range(len(world.accounts))]
    await pool.execute(
        """INSERT INTO social_accounts (id, project_id, organization_id, environment, platform, login, external_id, handle, status, scopes,
                                        sealed_tokens, token_expires_at, refresh_due_at, connected_at, created_at, updated_at)
           SELECT id, project, $3, $4, 'instagram', 'instagram', id::text, 'brand', 'connected', $5, $6, $7, $7, $8, $8, $8
             FROM unnest($1::uuid[], $2::uuid[]) AS t(id, project)""",
        world.accounts,
        owners,
        world.organization,
        world.environment.value,
        _SCOPES,
        seal_tokens(keyring, tokens),
        now + _FAR,
        now,
    )


async def insert_due(
    pool: Pool, world: World, accounts: Sequence[UUID], *, at: datetime, apart: timedelta = timedelta(0)
) -> None:
    """Insert one queued post per entry of `accounts`, which may repeat an account, due at an instant.

    With `apart`, each is due that much later than the previous one; all are accepted now.
    """
    await pool.execute(
        f"""INSERT INTO scheduled_posts ({_POST_COLUMNS})
           SELECT t.id, a.project_id, $2, $3, c.id, a.id, 'instagram', 'publish', 'queued', due.at, due.at, '{{}}', 0, 1,
                  least($7::timestamptz, due.at), $7
             FROM unnest($1::uuid[], $5::uuid[]) WITH ORDINALITY AS t(id, account, place)
            CROSS JOIN LATERAL (SELECT $4::timestamptz + (t.place - 1) * $6::interval AS at) AS due
             JOIN social_accounts a ON a.id = t.account
             JOIN content_containers c ON c.project_id = a.project_id""",  # noqa: S608  a constant of this module
        [new_id() for _ in accounts],
        world.organization,
        world.environment.value,
        at,
        accounts,
        apart,
        datetime.now(UTC),
    )


async def insert_waiting(pool: Pool, world: World, count: int, *, first_at: datetime) -> None:
    """Insert queued posts that are due one second after another, in rotation over all accounts."""
    async with _loading(pool) as connection:
        await connection.execute(
            f"""INSERT INTO scheduled_posts ({_POST_COLUMNS})
               SELECT gen_random_uuid(), a.project_id, $1, $2, c.id, a.id, 'instagram', 'publish', 'queued', at, at, '{{}}', 0, 1, $3, $3
                 FROM generate_series(0, $4::bigint - 1) AS n
                CROSS JOIN LATERAL (SELECT $5::timestamptz + n * interval '1 second' AS at) AS due
                 JOIN unnest($6::uuid[]) WITH ORDINALITY AS u(id, place) ON u.place = n % $7::bigint + 1
                 JOIN social_accounts a ON a.id = u.id
                 JOIN content_containers c ON c.project_id = a.project_id""",  # noqa: S608  a constant of this module
            world.organization,
            world.environment.value,
            datetime.now(UTC),
            count,
            first_at,
            world.accounts,
            len(world.accounts),
            timeout=_LONG_SECONDS,
        )


async def insert_live(pool: Pool, world: World, accounts: Sequence[UUID], *, each: int, at: datetime) -> None:
    """Insert published posts of each account, which went live one second after another up to an instant."""
    async with _loading(pool) as connection:
        await connection.execute(
            f"""INSERT INTO scheduled_posts ({_POST_COLUMNS}, live_call_at, live_at, published_at, external_id)
               SELECT gen_random_uuid(), a.project_id, $1, $2, c.id, a.id, 'instagram', 'publish', 'published', at, at, '{{}}', 0, 3,
                      at, at, at, at, at, 'm' || n
                 FROM social_accounts a JOIN content_containers c ON c.project_id = a.project_id
                CROSS JOIN generate_series(1, $5::bigint) AS n
                CROSS JOIN LATERAL (SELECT $3::timestamptz - n * interval '1 second' AS at) AS due
                WHERE a.id = ANY($4::uuid[])""",  # noqa: S608  a constant of this module
            world.organization,
            world.environment.value,
            at,
            accounts,
            each,
            timeout=_LONG_SECONDS,
        )


async def insert_snoozed(pool: Pool, world: World, accounts: Sequence[UUID]) -> None:
    """Insert one snoozed post per account, due hours later."""
    async with _loading(pool) as connection:
        await connection.execute(
            f"""INSERT INTO scheduled_posts ({_POST_COLUMNS}, attempted_at, leased_until)
               SELECT gen_random_uuid(), a.project_id, $1, $2, c.id, a.id, 'instagram', 'publish', 'publishing', $3, $3, '{{}}', 0, 3,
                      $3, $3, $3, $3::timestamptz + interval '20 hours'
                 FROM social_accounts a JOIN content_containers c ON c.project_id = a.project_id
                WHERE a.id = ANY($4::uuid[])""",  # noqa: S608  a constant of this module
            world.organization,
            world.environment.value,
            datetime.now(UTC),
            accounts,
            timeout=_LONG_SECONDS,
        )


async def insert_archive(pool: Pool, world: World, count: int) -> None:
    """Insert posts of a year: nine in ten ended, the rest queued; half of all in the first project.

    About a hundred posts of the first project failed, for any count, all of them of its first account and container,
    which have a twentieth of its posts each. A few in a thousand were canceled.
    """
    async with _loading(pool) as connection:
        await connection.execute(
            f"""INSERT INTO scheduled_posts ({_POST_COLUMNS}, live_call_at, live_at, published_at)
               SELECT lpad(to_hex(n), 32, '0')::uuid, a.project_id, $1, $2,
                      CASE WHEN n % 40 = 0 THEN $6 ELSE md5((n / 100)::text)::uuid END, a.id, 'instagram', 'publish', s.status,
                      at, at, '{{}}', 0, 5, at - interval '1 day', at, call_at, call_at, call_at
                 FROM generate_series(0, $3::bigint - 1) AS n
                CROSS JOIN LATERAL (SELECT now() + (n - $3::bigint * 0.9) / $3::bigint * interval '1 year' AS at) AS due
                CROSS JOIN LATERAL (SELECT CASE WHEN n >= $3::bigint * 0.9 THEN 'queued'
                                                WHEN n % greatest(40, $3::bigint * 9 / 1000 / 40 * 40) = 0 THEN 'failed'
                                                WHEN n % 1000 = 8 THEN 'canceled' ELSE 'published' END AS status) AS s
                CROSS JOIN LATERAL (SELECT CASE WHEN s.status = 'published' THEN at END AS call_at) AS c
                 JOIN unnest($4::uuid[]) WITH ORDINALITY AS u(id, place)
                   ON u.place = CASE WHEN n % 2 = 0 THEN n / 2 % 20 * $5 ELSE n / 2 % 1000 / 20 + 1 + n / 2 % 20 * $5 END + 1
                 JOIN social_accounts a ON a.id = u.id""",  # noqa: S608  a constant of this module
            world.organization,
            world.environment.value,
            count,
            world.accounts,
            len(world.projects),
            world.containers[0],
            timeout=_LONG_SECONDS,
        )


@contextlib.asynccontextmanager
async def _loading(pool: Pool) -> AsyncIterator[Connection]:
    """Drop the indexes during a bulk insert and recreate them afterwards, which is many times faster; then gather statistics."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
        indexes = await connection.fetch(
            """SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made_by FROM pg_index i
                WHERE i.indrelid = 'scheduled_posts'::regclass AND NOT i.indisprimary ORDER BY i.indexrelid"""
        )
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['name']}")
        yield connection
        for index in indexes:
            await connection.execute(index["made_by"], timeout=_LONG_SECONDS)
    await pool.execute("VACUUM ANALYZE scheduled_posts", timeout=_LONG_SECONDS)
    await pool.execute("CHECKPOINT", timeout=_LONG_SECONDS)
