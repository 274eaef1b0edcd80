"""Both SDKs play one list of cases (cases.json) against a real server behind a proxy that loses calls."""

import inspect
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from tests.sdk.play import Between, Play
from tests.tiers import exhaustive

from presswork_client import AsyncPage, AsyncPresswork, Model, Page, Presswork, Publication, UploadProgress

CASES: Final = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))
FEW: Final = [case for case in CASES if case["name"].startswith((
    "One call publishes; waiting",
    "A lost reply makes no second post",
    "Every refusal is an error",
    "A list iterates over all pages",
    "A call that publishes files can be interrupted",
))]  # fmt: skip
"""What the asyncio client and the client in Node play for every change; the blocking client plays all cases."""
OTHERS: Final = [case for case in CASES if case not in FEW]
SDK: Final = Path(__file__).parents[2] / "sdk"
pytestmark = pytest.mark.slow


@dataclass(slots=True)
class BlockingCaller:
    """Plays with the blocking client."""

    url: str
    clients: dict[str, Presswork] = field(default_factory=dict)

    def _client(self, key: str) -> Presswork:
        return self.clients.setdefault(key, Presswork(api_key=key, base_url=self.url))

    async def call(self, key: str, name: str, arguments: Mapping[str, object]) -> Model:
        answer = _method(self._client(key), name)(**arguments)
        assert isinstance(answer, Model | Page)
        return answer if isinstance(answer, Model) else answer.answer

    async def upload(self, key: str, paths: Sequence[str], arguments: Mapping[str, object]) -> Model:
        progress: list[UploadProgress] = []
        given: Any = arguments
        content = self._client(key).content.upload_files(paths, on_progress=progress.append, **given)
        assert progress[-1].sent_bytes == progress[-1].total_bytes > 0
        return content

    async def wait(self, key: str, post_id: str) -> Model:
        return self._client(key).publishing.wait(post_id, timeout_seconds=60)

    async def wait_all(self, key: str, post_ids: Sequence[str]) -> Sequence[Model]:
        return self._client(key).publishing.wait_all(post_ids, timeout_seconds=60)

    async def publish_files(self, key: str, paths: Sequence[str], arguments: Mapping[str, object]) -> Publication:
        given: dict[str, Any] = dict(arguments)
        client = self._client(key).with_options(max_retries=given.pop("max_retries", None))
        return client.publishing.publish_files(paths, **given)

    async def publish_text(self, key: str, text: str, arguments: Mapping[str, object]) -> Publication:
        given: dict[str, Any] = dict(arguments)
        client = self._client(key).with_options(max_retries=given.pop("max_retries", None))
        return client.publishing.publish_text(text, **given)

    async def rows(self, key: str, name: str, arguments: Mapping[str, object], between: Between) -> list[Model]:
        page = _method(self._client(key), name)(**arguments)
        assert isinstance(page, Page)
        await between()
        return list(page)


@dataclass(slots=True)
class AsyncCaller:
    """Plays with the asyncio client."""

    url: str
    clients: dict[str, AsyncPresswork] = field(default_factory=dict)

    def _client(self, key: str) -> AsyncPresswork:
        return self.clients.setdefault(key, AsyncPresswork(api_key=key, base_url=self.url))

    async def call(self, key: str, name: str, arguments: Mapping[str, object]) -> Model:
        answer = await _method(self._client(key), name)(**arguments)
        assert isinstance(answer, Model | AsyncPage)
        return answer if isinstance(answer, Model) else answer.answer

    async def upload(self, key: str, paths: Sequence[str], arguments: Mapping[str, object]) -> Model:
        given: Any = arguments
        return await self._client(key).content.upload_files(paths, **given)

    async def wait(self, key: str, post_id: str) -> Model:
        return await self._client(key).publishing.wait(post_id, timeout_seconds=60)

    async def wait_all(self, key: str, post_ids: Sequence[str]) -> Sequence[Model]:
        return await self._client(key).publishing.wait_all(post_ids, timeout_seconds=60)

    async def publish_files(self, key: str, paths: Sequence[str], arguments: Mapping[str, object]) -> Publication:
        given: dict[str, Any] = dict(arguments)
        client = self._client(key).with_options(max_retries=given.pop("max_retries", None))
        return await client.publishing.publish_files(paths, **given)

    async def publish_text(self, key: str, text: str, arguments: Mapping[str, object]) -> Publication:
        given: dict[str, Any] = dict(arguments)
        client = self._client(key).with_options(max_retries=given.pop("max_retries", None))
        return await client.publishing.publish_text(text, **given)

    async def rows(self, key: str, name: str, arguments: Mapping[str, object], between: Between) -> list[Model]:
        page = await _method(self._client(key), name)(**arguments)
        assert isinstance(page, AsyncPage)
        await between()
        return [row async for row in page]

    async def close(self) -> None:
        for client in self.clients.values():
            await client.close()


def _with_keys(names: Mapping[str, str], run: str) -> dict[str, object]:
    """Return the names with the TikTok account and idempotency keys of this run."""
    return {
        **names,
        "tiktok": names.get(f"tiktok of {run}", names["tiktok"]),
        "lostKey": f"lost-{run}",
        "sameKey": f"same-{run}",
        "deleteKey": f"delete-{run}",
        "filesKey": f"files-{run}",
        "textKey": f"text-{run}",
    }


def _method(client: Presswork | AsyncPresswork, name: str) -> Any:
    resource, _, method = name.partition(".")
    return getattr(getattr(client, resource), method)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
async def test_python(case: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """The blocking client does what the case says."""
    caller = BlockingCaller(names["baseUrl"])
    try:
        await Play(caller, _with_keys(names, "python")).play(case["steps"])
    finally:
        for client in caller.clients.values():
            client.close()


@pytest.mark.parametrize("case", [*FEW, *exhaustive(OTHERS)], ids=lambda case: case["name"])
async def test_python_async(case: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """The asyncio client does what the case says."""
    caller = AsyncCaller(names["baseUrl"])
    try:
        await Play(caller, _with_keys(names, "async")).play(case["steps"])
    finally:
        await caller.close()


@pytest.mark.parametrize("cases", [FEW, *exhaustive([OTHERS])], ids=lambda cases: f"{len(cases)} cases")
def test_typescript(
    cases: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    built: Path,
    tmp_path: Path,
    subtests: pytest.Subtests,
) -> None:
    """The client in Node does what the cases say; one process plays them."""
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(cases))
    done = subprocess.run(
        ["node", str(SDK / "typescript" / "test" / "play.mjs"), str(file)],
        env={
            **os.environ,
            "WORLD": json.dumps(
                _with_keys(names, f"typescript-{len(cases)}") | {"tiktok": names["tiktok of typescript"]}
            ),
            "PACKAGE": str(built / "esm" / "index.js"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    failures = {played["name"]: played["failure"] for played in map(json.loads, done.stdout.splitlines())}
    assert list(failures) == [case["name"] for case in cases]
    for name, failure in failures.items():
        with subtests.test(case=name):
            assert failure == ""


def test_both_python_clients_have_the_same_methods() -> None:
    """Both clients have each method, with the same parameters."""
    with Presswork(api_key="lp_test_x") as waiting:
        awaiting = AsyncPresswork(api_key="lp_test_x")
        for name, resource in vars(waiting).items():
            if name.startswith("_"):
                continue
            other = getattr(awaiting, name)
            methods = {name: one for name, one in inspect.getmembers(resource, callable) if not name.startswith("_")}
            assert methods
            for method, one in methods.items():
                mine, its = inspect.signature(one), inspect.signature(getattr(other, method))
                assert list(mine.parameters) == list(its.parameters), (name, method)
