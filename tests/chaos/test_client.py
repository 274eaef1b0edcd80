"""The clients of a chaos run take a call as accepted if any of its attempts was."""

import asyncio
import random
from collections import deque
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from chaos.client import Client, Response
from chaos.record import CallerRecord, RequestedPost
from chaos.targets import Targets
from chaos.world import Account, Content

from presswork.core.timestamps import write_instant

WANTED: Final = RequestedPost(
    caption="No. 00000000000000aa",
    account=Account(id="sa_1", project="prj_1", platform="instagram", handle="bakery"),
    mode="publish",
    content=Content(id="cnt_1", kind="image", hashes=["aa11"]),
    comment=None,
)


class _TwiceAtOnce(random.Random):
    def random(self) -> float:
        return 0.9


async def test_a_call_is_accepted_if_one_of_its_repetitions_is() -> None:
    """A limit refuses the first of two equal calls, and something makes room before the second one."""
    statuses = iter([402, 202])

    async def limited(_request: web.Request) -> web.Response:
        return web.json_response({}, status=next(statuses))

    app = web.Application()
    app.router.add_post("/v1/posts", limited)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        client = Client(str(server.make_url("")).rstrip("/"), "key", session, _TwiceAtOnce(1))
        assert (await client.write("/v1/posts", {})).status == 202
        assert client.traffic.duplicates == 1


class _Aborted(random.Random):
    def random(self) -> float:
        return 0.0


async def test_an_attempt_without_a_response_may_be_accepted_after_a_refusal() -> None:
    """The caller hangs up, a limit refuses the repetition, and then there is room for the first attempt: its response is kept."""
    tries = count(1)

    async def limited(_request: web.Request) -> web.Response:
        if next(tries) == 1:
            await asyncio.Event().wait()
        return web.json_response({}, status=403)

    app = web.Application()
    app.router.add_post("/v1/posts", limited)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        client = Client(str(server.make_url("")).rstrip("/"), "key", session, _Aborted(1))
        refused = await client.write("/v1/posts", {})
    assert refused.status == 403
    assert refused.key in client.unanswered
    record = CallerRecord(doubtful={refused.key: [WANTED], "another": [WANTED]})
    kept = Response(status=200, body=b'{"scheduledPostIds": ["sp_1"]}')
    assert record.believe({refused.key: kept, "third": kept}) == {refused.key: kept}
    assert record.accepted == {"sp_1": WANTED}


async def test_a_call_is_refused_as_late_if_the_service_was_away_for_longer_than_its_time_may_pass() -> None:
    """A refusal that fits is counted, and the caller does not know whether the attempt without a response was accepted."""

    async def refusing(_request: web.Request) -> web.Response:
        return web.json_response({"error": {"details": [{"path": "scheduledFor", "code": "in_the_past"}]}}, status=422)

    app = web.Application()
    app.router.add_post("/v1/posts", refusing)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        client = Client(str(server.make_url("")).rstrip("/"), "key", session, _Aborted(1))
        for ago, is_late in ((timedelta(seconds=31), True), (timedelta(), False)):
            record = CallerRecord()
            body = {"scheduledFor": write_instant(datetime.now(UTC) - ago)}
            response = await client.write("/v1/posts", body)
            client.unanswered.add(response.key or "")
            found = await Targets(client, record, _Aborted(1), deque()).is_refusal(response, [WANTED])
            assert (found, record.doubtful) == (is_late, {response.key: [WANTED]} if is_late else {})
