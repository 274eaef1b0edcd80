"""Rows for tests of the queue, written straight into the database, and short ways to read them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from presswork.callers.model import Principal, Tier
from presswork.core.enums import Environment
from presswork.core.ids import new_id
from presswork.db.pool import Pool

NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def owner_of_project(pool: Pool) -> Principal:
    """Write a project with a container, both with the same id; return who owns them (`key_id` is that id)."""
    organization, project = new_id(), new_id()
    await pool.execute("INSERT INTO organizations (id, name, created_at) VALUES ($1, 'Acme', $2)", organization, NOW)
    await pool.execute(
        """INSERT INTO projects (id, organization_id, environment, name, timezone, metadata, status, review_policy, created_at, updated_at)
           VALUES ($1, $2, 'test', 'P', 'Europe/Berlin', '{}', 'active', 'auto_approve', $3, $3)""",
        project,
        organization,
        NOW,
    )
    await pool.execute(
        """INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status, media_type,
                                           caption, created_at, updated_at)
           VALUES ($1, $1, $2, 'test', 'completed', 'not_required', 'image', 'Hi', $3, $3)""",
        project,
        organization,
        NOW,
    )
    return Principal(
        key_id=project,
        organization_id=organization,
        environment=Environment.TEST,
        scopes=frozenset(),
        tier=Tier.STANDARD,
        return_domains=(),
        operator_id=None,
    )


async def insert_account(pool: Pool) -> UUID:
    """Write a connected account of the one project."""
    account = new_id()
    await pool.execute(
        """INSERT INTO social_accounts (id, project_id, organization_id, environment, platform, login, external_id, handle, status, scopes,
                                        sealed_tokens, refresh_due_at, connected_at, created_at, updated_at)
           SELECT $1, p.id, p.organization_id, p.environment, 'tiktok', 'tiktok', $1::uuid::text, 'brand', 'connected', '{}', 'sealed', $2, $2, $2, $2
             FROM projects p""",
        account,
        NOW,
    )
    return account


async def insert_post(
    pool: Pool, account: UUID, *, due: datetime, accepted: datetime = NOW, post_id: UUID | None = None
) -> UUID:
    """Write a queued post as an accepted call does."""
    chosen = post_id or new_id()
    await pool.execute(
        """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id, platform, mode,
                                        status, scheduled_for, run_at, platform_state, error_count, version, created_at, updated_at)
           SELECT $1, a.project_id, a.organization_id, a.environment, a.project_id, a.id, a.platform, 'publish', 'queued', $3::timestamptz,
                  greatest($3::timestamptz, $4::timestamptz), '{}', 0, 1, $4, $4
             FROM social_accounts a WHERE a.id = $2""",
        chosen,
        account,
        due,
        accepted,
    )
    return chosen


async def status_of(pool: Pool, post_id: UUID) -> str:
    """Return a post's status."""
    return str(await pool.fetchval("SELECT status FROM scheduled_posts WHERE id = $1", post_id))


async def entries_of(pool: Pool, post_id: UUID) -> Sequence[tuple[str, str]]:
    """Return the events of a post's timeline with their detail."""
    rows = await pool.fetch("SELECT event, detail FROM post_events WHERE post_id = $1 ORDER BY id LIMIT 1000", post_id)
    return [(row["event"], row["detail"]) for row in rows]
