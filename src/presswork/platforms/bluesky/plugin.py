"""Builds Bluesky from the settings, in each environment."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from presswork.core.clock import SystemClock
from presswork.core.errors import Unavailable
from presswork.platforms.bluesky.api import Api, Endpoints
from presswork.platforms.bluesky.client import METADATA, Client, SigningKey, documents
from presswork.platforms.bluesky.connector import BlueskyConnector
from presswork.platforms.bluesky.description import (
    DESCRIPTION,
    BlueskySettings,
)
from presswork.platforms.bluesky.login import BlueskyLogin
from presswork.platforms.bluesky.rules import BOUNDS, RULES, SPLITTER, check_comment
from presswork.platforms.plugin import Opening, Plugin, missing_setting
from presswork.platforms.port import Platform, RetryPolicy, ThreadSupport
from presswork.platforms.transport import Transport

_NAME: Final = DESCRIPTION.platform
_CALLBACKS: Final = (f"/oauth/callback/{DESCRIPTION.callback}", f"/oauth/callback/{_NAME.value}")
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


def bluesky(
    *,
    endpoints: Endpoints,
    client: Client,
    redirect_uri: str,
    retry_policy: RetryPolicy,
    transport: Transport,
    documents: Mapping[str, JsonValue] | None = None,
    now: Callable[[], datetime] | None = None,
) -> Platform:
    """Return the platform Bluesky for one environment; the caller closes the transport.

    `redirect_uri` is a registered one, with which the client can be checked; `documents` are what servers read about the
    client, by their paths below /oauth/bluesky/; `now` dates the proofs that go with calls (without it, the system's clock).
    """
    api = Api(endpoints, transport, retry_policy, now or SystemClock().now)
    return Platform(
        **DESCRIPTION.capabilities,
        connector=BlueskyConnector(api, retry_policy),
        login=BlueskyLogin(api, client, redirect_uri),
        retry_policy=retry_policy,
        check_comment=check_comment,
        bounds=BOUNDS,
        thread_support=ThreadSupport(splitter=SPLITTER, is_one_call=True),
        documents=documents or {},
    )


def build(opening: Opening[BlueskySettings]) -> Platform:
    """Return Bluesky for one environment, where the client is known by its documents at the service's URL."""
    base_url = opening.service_url
    if opening.is_live and not base_url:
        raise missing_setting("PRESSWORK_PUBLIC_URL", _NAME)
    key, folder = (_private_key(opening.app.client_secret), "") if opening.is_live else (SANDBOX_KEY, _TEST_FOLDER)
    client_id = opening.settings.bluesky_client_id if opening.is_live else None
    return bluesky(
        endpoints=Endpoints(**opening.hosts),
        client=Client(client_id=client_id or f"{base_url}/oauth/bluesky/{folder}{METADATA}", key=key),
        redirect_uri=f"{base_url}{_CALLBACKS[0]}",
        retry_policy=opening.retry_policy,
        transport=opening.transport,
        documents=documents(base_url, key, folder=folder, redirect_uris=_CALLBACKS, client_id=client_id),
    )


def _private_key(text: str) -> SigningKey:
    """Return the client's key. Raises Unavailable where it can't be read."""
    try:
        return SigningKey.of(text)
    except ValueError as error:
        name = "PRESSWORK_BLUESKY_PRIVATE_KEY"
        raise Unavailable(
            f"Live {_NAME} projects need another {name}: its value {error}. Make one with `openssl genpkey -algorithm EC "
            "-pkeyopt ec_paramgen_curve:P-256`, set it, and restart. Test projects work without it.",
            setting=name,
        ) from error


PLUGIN: Final = Plugin(DESCRIPTION, build, RULES)
