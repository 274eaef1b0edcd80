"""Facebook Pages for contract tests: options, and the calls that upload."""

from pydantic import JsonValue
from tests.contract.on_graph import OnGraph

from presswork.platforms.port import PostOptions


def settings(**requested: JsonValue) -> PostOptions:
    """Return `facebookPostSettings` by their names on the wire."""
    return PostOptions({"facebookPostSettings": requested})


async def uploads(on_facebook: OnGraph) -> int:
    """Count the calls that uploaded pictures."""
    return await on_facebook.calls("photos")
