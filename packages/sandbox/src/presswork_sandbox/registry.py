"""The platforms of the sandbox, in the order of its pages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from presswork_sandbox.bluesky.facts import FACTS as BLUESKY
from presswork_sandbox.facebook.facts import FACTS as FACEBOOK
from presswork_sandbox.instagram.facts import FACTS as INSTAGRAM
from presswork_sandbox.linkedin.facts import FACTS as LINKEDIN
from presswork_sandbox.mastodon.facts import FACTS as MASTODON
from presswork_sandbox.pinterest.facts import FACTS as PINTEREST
from presswork_sandbox.platform_facts import PlatformFacts
from presswork_sandbox.telegram.facts import FACTS as TELEGRAM
from presswork_sandbox.threads.facts import FACTS as THREADS
from presswork_sandbox.tiktok.facts import FACTS as TIKTOK
from presswork_sandbox.x.facts import FACTS as X
from presswork_sandbox.youtube.facts import FACTS as YOUTUBE

PLATFORMS: Final[Mapping[str, PlatformFacts]] = MappingProxyType(
    {
        facts.name: facts
        for facts in (
            INSTAGRAM,
            TIKTOK,
            THREADS,
            YOUTUBE,
            FACEBOOK,
            LINKEDIN,
            BLUESKY,
            MASTODON,
            X,
            TELEGRAM,
            PINTEREST,
        )
    }
)
"""By name. `app.py` opens them."""
