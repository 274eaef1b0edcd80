"""Say who must have a second factor in an organization."""

from datetime import datetime
from uuid import UUID

from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import Actor
from presswork.core.ids import ORGANIZATION, public_id
from presswork.db.pool import Connection, Pool
from presswork.people.model import UserNotFound
from presswork.people.second_factor_model import SecondFactorPolicy
from presswork.people.store import FACTORS


async def find_policy(connection: Connection | Pool, organization_id: UUID) -> SecondFactorPolicy:
    """Return who must have a second factor. Raises UserNotFound for an organization that is gone."""
    found = await connection.fetchval(FACTORS["find_policy"], organization_id)
    if found is None:
        raise UserNotFound
    return SecondFactorPolicy(found)


async def change_policy(
    connection: Connection, organization_id: UUID, policy: SecondFactorPolicy, *, by: Actor, now: datetime
) -> None:
    """Change who must have a second factor, from the next sign-in of each person on, in the caller's transaction."""
    former = await connection.fetchval(FACTORS["lock_policy"], organization_id)
    if former == policy.value:
        return
    await connection.execute(FACTORS["set_policy"], organization_id, policy.value)
    await record(
        connection,
        Action.ORGANIZATION_UPDATE,
        public_id(ORGANIZATION, organization_id),
        by=by,
        organization_id=organization_id,
        now=now,
        detail={"secondFactor": policy.value, "former": former},
    )
