"""Sets up Bluesky from the settings, in each environment."""

from typing import Final

from presswork.core.errors import Unavailable
from presswork.core.settings import Settings
from presswork.platforms.apps import AppSettings
from presswork.platforms.bluesky import Client, Endpoints, SigningKey, bluesky
from presswork.platforms.bluesky.client import METADATA, documents
from presswork.platforms.bluesky.consents import CONSENTS, NO_ACCOUNT
from presswork.platforms.bluesky.media_rules import RULES
from presswork.platforms.bluesky.review import REVIEW
from presswork.platforms.manual_posting import ManualInstructions
from presswork.platforms.plugin import Plugin
from presswork.platforms.port import LoginName, MediaType, Platform, PlatformName, RetryPolicy
from presswork.platforms.sandbox_access import SandboxAccess
from presswork.platforms.setup import live_retry_policy, required, test_retry_policy
from presswork.platforms.transport import Transport

_NAME: Final = PlatformName.BLUESKY
_LETTER: Final = "h"
_CALLBACKS: Final = (f"/oauth/callback/{_LETTER}", f"/oauth/callback/{_NAME.value}")
_TEST_FOLDER: Final = "test/"
"""The client of test projects has documents of its own: its key is public, so the live client must never name it."""
SANDBOX_KEY: Final = SigningKey.of(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "Ng6oG3XlzLRkY3zi78zN46PJ_ex-6JPF3nsq7U9plZI",
        "y": "V4389dW_xfnIjCRij6uWpyOUW5ESWY5zmuRDLF8Uyjk",
        "d": "BPd3wXKBdWB3yIgt9VdeHXX5CIpRkP1T0TUaLMTexHA",
    }
)
"""The key of the sandbox's app: public, as its ID and secret are elsewhere."""

_MANUAL_INSTRUCTIONS: Final = ManualInstructions(
    title="Bluesky",
    handle_prefix="@",
    choose={
        MediaType.IMAGE: ("Tap the button for a new post, tap the picture symbol and pick the picture.",),
        MediaType.VIDEO: ("Tap the button for a new post, tap the picture symbol and pick the video.",),
        MediaType.MULTI: (
            "Tap the button for a new post, tap the picture symbol and pick the pictures in their order.",
        ),
    },
    share="Tap Post.",
    comment="When the post is there, write the first comment as a reply to it.",
)


def _platform(
    base_url: str,
    key: SigningKey,
    *,
    folder: str,
    client_id: str | None,
    endpoints: Endpoints,
    retry_policy: RetryPolicy,
    transport: Transport,
) -> Platform:
    return bluesky(
        endpoints=endpoints,
        client=Client(client_id=client_id or f"{base_url}/oauth/bluesky/{folder}{METADATA}", key=key),
        redirect_uri=f"{base_url}{_CALLBACKS[0]}",
        retry_policy=retry_policy,
        transport=transport,
        documents=documents(base_url, key, folder=folder, redirect_uris=_CALLBACKS, client_id=client_id),
    )


def _open_test(settings: Settings, sandbox: SandboxAccess, transport: Transport) -> Platform:
    return _platform(
        sandbox.service_url,
        SANDBOX_KEY,
        folder=_TEST_FOLDER,
        client_id=None,
        endpoints=Endpoints(
            entryway=f"{sandbox.url}/bsky.social",
            directory=f"{sandbox.url}/plc.directory",
            video=f"{sandbox.url}/video.bsky.app",
        ),
        retry_policy=test_retry_policy(settings),
        transport=transport,
    )


def _open_live(settings: Settings, transport: Transport) -> Platform:
    public_url = required(settings.public_url, "PRESSWORK_PUBLIC_URL", _NAME)
    return _platform(
        public_url.rstrip("/"),
        _private_key(settings),
        folder="",
        client_id=settings.bluesky_client_id,
        endpoints=Endpoints(
            entryway=settings.bluesky_url.rstrip("/"),
            directory=settings.bluesky_directory_url.rstrip("/"),
            video=settings.bluesky_video_url.rstrip("/"),
            links=settings.bluesky_www_url.rstrip("/"),
        ),
        retry_policy=live_retry_policy(settings),
        transport=transport,
    )


def _private_key(settings: Settings) -> SigningKey:
    """Return the client's key. Raises Unavailable where it is missing or can't be read."""
    name = "PRESSWORK_BLUESKY_PRIVATE_KEY"
    try:
        return SigningKey.of(required(settings.bluesky_private_key, name, _NAME))
    except ValueError as error:
        raise Unavailable(
            f"Live {_NAME} projects need another {name}: its value {error}. Make one with `openssl genpkey -algorithm EC "
            "-pkeyopt ec_paramgen_curve:P-256`, set it, and restart. Test projects work without it.",
            setting=name,
        ) from error


PLUGIN: Final = Plugin(
    platform=_NAME,
    login=LoginName.BLUESKY,
    callback=_LETTER,
    app=AppSettings(
        client_id="bluesky_client_id",
        client_secret="bluesky_private_key",  # noqa: S106  the name of a setting
        api_url="bluesky_url",
        is_optional=True,
        is_id_derived=True,
    ),
    crawlers=(),
    rules=RULES,
    manual_instructions=_MANUAL_INSTRUCTIONS,
    review=REVIEW,
    consents=CONSENTS,
    no_account=NO_ACCOUNT,
    open_test=_open_test,
    open_live=_open_live,
)
