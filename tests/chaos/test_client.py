"""The clients of a chaos run take a call as accepted if any of its repetitions was."""

import random

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from chaos.client import Client


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
