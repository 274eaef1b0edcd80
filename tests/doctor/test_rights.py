"""Who may see the installation: org:admin keys of its first organization, in both environments, and no others."""

import httpx2
import pytest
from tests.api.tenants import OF_THE_INSTALLATION
from tests.api.wire import ALL, error, operations_of, read_document, refusal
from tests.api_server import Api

BODY = {"clientKey": "awx7q2awx7q2", "clientSecret": "a-secret"}


async def test_other_organizations_are_refused_on_every_route(api: Api) -> None:
    """An administrator of a later organization gets 403 with the reason, whether the platform exists or not; nothing is stored."""
    await api.client(organization="First")
    rival = await api.client(organization="Second", scopes=ALL)
    asked = 0
    for operation in operations_of(await read_document(api)):
        if not operation.path.startswith(OF_THE_INSTALLATION) or operation.scope == "installation:admin":
            continue
        for platform in ("tiktok", "no-such-platform"):
            body = BODY if operation.method == "PUT" else None
            answer = await rival.request(operation.method, operation.at({"platform": platform}), json=body)
            assert refusal(answer) == (403, "FORBIDDEN_SCOPE"), str(operation)
            assert error(answer)["details"] == {"reason": "not_first_organization"}, str(operation)
            assert "first organization" in error(answer)["message"]
            asked += 1
    assert asked == 28
    for table in ("platform_credentials", "stored_settings", "system_checks", "app_checks"):
        assert await api.context.pool.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608  the names come from here
    assert await api.context.pool.fetchval("SELECT count(*) FROM audit_log WHERE action LIKE 'platform%'") == 0


@pytest.mark.parametrize("environment", ["test", "live"])
async def test_the_first_organization_sees_it_in_both_environments(api: Api, environment: str) -> None:
    """The oldest organization is the first one, whatever was created since."""
    first = await api.client(organization="First", scopes=["org:admin"], environment=environment)
    await api.client(organization="A later one")
    answer = await first.get("/v1/system")
    assert answer.status_code == 200, answer.text
    star = await api.client(organization="First", environment=environment)
    assert error(await star.get("/v1/system"))["details"] == {"requiredScope": "org:admin"}


async def test_unknown_platforms_are_not_found(api: Api) -> None:
    """A platform that does not exist returns 404, which names those that do."""
    client: httpx2.AsyncClient = await api.client(scopes=ALL)
    answers = [
        await client.put("/v1/system/platforms/friendster", json=BODY),
        await client.delete("/v1/system/platforms/friendster"),
    ]
    for answer in answers:
        assert refusal(answer) == (404, "NOT_FOUND")
        assert "instagram, facebook, tiktok" in error(answer)["message"]
