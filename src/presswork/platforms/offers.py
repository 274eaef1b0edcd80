"""What all platforms offer in one environment, as the document that the publish statement reads."""

import json
from collections.abc import Iterable, Set

from presswork.platforms.port import LoginName, Mode, Platform


def offers_document(platforms: Iterable[Platform], *, unavailable: Set[tuple[LoginName, Mode]]) -> str:
    """Return a JSON object with an entry `"login mode"` for each login and mode.

    `scopes` are the permissions that an account must have granted, comma-separated.
    """
    offers = {
        f"{platform.login_name.value} {mode.value}": {
            "scopes": ",".join(sorted(scopes)),
            "has_reel_placement": platform.offers_reel_placement,
            "has_music": platform.offers_music,
            "is_available": (platform.login_name, mode) not in unavailable,
            "has_own_lane": platform.channel(mode).has_own_lane,
        }
        for platform in platforms
        for mode, scopes in platform.required_scopes.items()
    }
    return json.dumps(offers, separators=(",", ":"))
