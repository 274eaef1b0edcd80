"""The start-up check for private attributes of libraries."""

import re
import tomllib
from pathlib import Path

import aiohttp
import asyncpg
import pytest
from uvicorn.protocols.http.flow_control import FlowControl

from presswork.core import library_internals, server_internals
from presswork.core.errors import Unavailable
from presswork.core.library_internals import missing_internals, require_internals
from presswork.core.server_internals import missing_server_internals

ROOT = Path(__file__).parents[2]


async def test_the_installed_libraries_have_what_is_needed() -> None:
    """The installed versions have every private attribute."""
    assert await missing_internals() == []
    await require_internals()


async def test_renamed_attribute_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error contains the library, its version, the attribute and the versions to install."""

    class Renamed(aiohttp.TCPConnector):
        def __getattribute__(self, name: str) -> object:
            if name == "_factory":
                raise AttributeError(name)
            return super().__getattribute__(name)

    monkeypatch.setattr(aiohttp, "TCPConnector", Renamed)
    with pytest.raises(Unavailable, match=r"aiohttp \d.* has no TCPConnector\._factory.*Install .*aiohttp>=") as caught:
        await require_internals()
    assert len(re.findall("has no", caught.value.message)) == 1


async def test_renamed_pool_attribute_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A renamed attribute of asyncpg's pool is reported."""
    monkeypatch.setattr(asyncpg, "Pool", type("Pool", (), {}))
    assert [sentence.split(",")[0] for sentence in await missing_internals()] == [
        f"asyncpg {asyncpg.__version__} has no Pool.{name}" for name in ("_queue", "_holders")
    ]


def test_the_installed_uvicorn_has_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The installed version has every attribute, and a missing one is reported."""
    assert missing_server_internals() == []
    monkeypatch.setattr(server_internals, "_INTERNALS", {FlowControl: ("read_paused", "renamed")})
    (message,) = missing_server_internals()
    assert "has no FlowControl.renamed" in message


def test_the_dependencies_have_the_same_bounds() -> None:
    """The versions that the check recommends are those of pyproject.toml."""
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    for library, bounds in library_internals._SUPPORTED.items():
        assert f"{library}{bounds}" in dependencies
