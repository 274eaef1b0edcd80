"""What each server decides: its version, its limits, what becomes of idempotency keys; and how many calls an account makes.

Source: mastodon/documentation, entities/Instance and api/rate-limits (2026-07); the defaults are those of mastodon.social. That a
server takes 300 posts in three hours, and which number of `api_versions` a version has, is general knowledge.
"""

import re
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import HOUR
from presswork_sandbox.control_input import BadControl, known_keys, whole_number, yes_or_no
from presswork_sandbox.control_router import ControlRouter, read_control, read_filters
from presswork_sandbox.core import Sandbox
from presswork_sandbox.mastodon.errors import MastodonError, reset_time
from presswork_sandbox.platform_facts import SERVER
from presswork_sandbox.platform_settings import PlatformSettings
from presswork_sandbox.wire import JSONValue

SETTINGS: Final = "mastodon"
EVERY_SERVER: Final = ""
"""The name under which the rules of servers are kept that have none set."""
MINUTE: Final = 60.0
DEFAULTS: Final[Mapping[str, JSONValue]] = {
    "version": "4.5.2",
    "maxCharacters": 500,
    "maxMediaAttachments": 4,
    "charactersReservedPerUrl": 23,
    "imageSizeLimit": 16_777_216,
    "imageMatrixLimit": 33_177_600,
    "videoSizeLimit": 103_809_024,
    "videoFrameRateLimit": 120,
    "videoMatrixLimit": 8_294_400,
    "descriptionLimit": 1500,
    "keepsKeys": True,
    "keyDelaySeconds": 0,
    "requestsPer5Minutes": 300,
    "uploadsPer30Minutes": 30,
    "deletesPer30Minutes": 30,
    "statusesPer3Hours": 300,
}
"""`keepsKeys`: whether an Idempotency-Key has an effect. `keyDelaySeconds`: how long after its post a key is known, as on older
servers, which store it at the end and have no lock around both."""
MIME_TYPES: Final = (
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/heic",
    "image/heif",
    "image/webp",
    "image/avif",
    "video/webm",
    "video/mp4",
    "video/quicktime",
)
BUCKETS: Final[Mapping[str, tuple[str, float]]] = {
    "media": ("uploadsPer30Minutes", 30 * MINUTE),
    "status_delete": ("deletesPer30Minutes", 30 * MINUTE),
    "statuses": ("statusesPer3Hours", 3 * HOUR),
}
"""Limits of operations beside the one of all calls: the name of the setting, and the length of its window in seconds."""
_VERSION: Final = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}")


class Rules:
    """The settings of all servers. A reset takes them back."""

    def __init__(self, settings: PlatformSettings) -> None:
        self._settings = settings

    def of(self, host: str) -> "ServerRules":
        """Return the rules of one server."""
        return ServerRules(self._read(host))

    def to_json(self, host: str) -> JSONValue:
        """Return them as the control surface shows them."""
        return {"host": host or None, **self._read(host)}

    def change(self, host: str, body: Mapping[str, JSONValue]) -> None:
        """Change what `body` names, of one server or of all that have none set; null is the default. Raises BadControl."""
        known_keys(body, ["host", *DEFAULTS])
        changes = {name: value for name, value in body.items() if name != "host"}
        changes = {name: DEFAULTS[name] if value is None else value for name, value in changes.items()}
        for name, default in DEFAULTS.items():
            if isinstance(default, bool):
                yes_or_no(changes, name, default=default)
            elif isinstance(default, int) and whole_number(changes, name, default) < 0:
                raise BadControl(f"{name} must be 0 or more.")
        version = changes.get("version", DEFAULTS["version"])
        if not (isinstance(version, str) and _VERSION.fullmatch(version)):
            raise BadControl('version must be a version like "4.2.17".')
        stored = self._settings.get(SETTINGS)
        self._settings.put(SETTINGS, {**stored, host: {**self._read_stored(host), **changes}})

    def restore(self) -> None:
        """Restore the defaults of all servers."""
        self._settings.drop(SETTINGS)

    def _read(self, host: str) -> Mapping[str, JSONValue]:
        return {**DEFAULTS, **self._read_stored(EVERY_SERVER), **self._read_stored(host)}

    def _read_stored(self, host: str) -> Mapping[str, JSONValue]:
        stored = self._settings.get(SETTINGS).get(host)
        return stored if isinstance(stored, Mapping) else {}


class ServerRules:
    """The settings of one server."""

    def __init__(self, values: Mapping[str, JSONValue]) -> None:
        self._values = values

    def count(self, name: str) -> int:
        """Return a setting that is a whole number."""
        value = self._values[name]
        return value if isinstance(value, int) else 0

    @property
    def version(self) -> str:
        """The version of its software."""
        return str(self._values["version"])

    def is_at_least(self, major: int, minor: int) -> bool:
        """Return whether its software has a version or a later one."""
        return tuple(map(int, self.version.split(".")[:2])) >= (major, minor)

    @property
    def keeps_keys(self) -> bool:
        """Whether an Idempotency-Key has an effect."""
        return self._values["keepsKeys"] is True

    def instance(self, host: str, *, is_first: bool) -> JSONValue:
        """Return GET /api/v2/instance; `is_first`: of version 1, where older clients look for the version."""
        return {
            "uri" if is_first else "domain": host,
            "title": "Mastodon",
            "version": self.version,
            "source_url": "https://github.com/mastodon/mastodon",
            "description": "A server in a sandbox.",
            "usage": {"users": {"active_month": 3}},
            "languages": ["en"],
            "configuration": {
                "urls": {"streaming": f"wss://{host}"},
                "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
                "statuses": {
                    "max_characters": self.count("maxCharacters"),
                    "max_media_attachments": self.count("maxMediaAttachments"),
                    "characters_reserved_per_url": self.count("charactersReservedPerUrl"),
                },
                "media_attachments": {
                    "description_limit": self.count("descriptionLimit"),
                    "image_matrix_limit": self.count("imageMatrixLimit"),
                    "image_size_limit": self.count("imageSizeLimit"),
                    "supported_mime_types": list(MIME_TYPES),
                    "video_frame_rate_limit": self.count("videoFrameRateLimit"),
                    "video_matrix_limit": self.count("videoMatrixLimit"),
                    "video_size_limit": self.count("videoSizeLimit"),
                },
                "polls": {
                    "max_characters_per_option": 50,
                    "max_expiration": 2_629_746,
                    "max_options": 4,
                    "min_expiration": 300,
                },
                "translation": {"enabled": False},
            },
            "registrations": {"enabled": True, "approval_required": False, "message": None},
            "api_versions": {"mastodon": 7 if self.is_at_least(4, 5) else 2},
            "rules": [],
        }


def count_call(sandbox: Sandbox, rules: ServerRules, host: str, account: Account, operation: str) -> Mapping[str, str]:
    """Count a call of an account at a server, and return the headers of the tightest limit. Raises MastodonError with 429.

    Windows begin at whole multiples of their length, and a call that is refused counts too.
    """
    store, now = sandbox.store, sandbox.clock.now()
    limits = [("all", rules.count("requestsPer5Minutes"), 5 * MINUTE)]
    if operation in BUCKETS:
        name, seconds = BUCKETS[operation]
        limits.append((operation, rules.count(name), seconds))
    tightest: tuple[int, Mapping[str, str]] | None = None
    with store.transaction():
        for name, max_calls, seconds in limits:
            key, start = f"mastodon {host} {name}", now // seconds * seconds
            store.run("DELETE FROM hits WHERE account_id = ? AND operation = ? AND at < ?", account.id, key, start)
            store.insert("hits", account_id=account.id, operation=key, at=now)
            sql = "SELECT count(*) AS n FROM hits WHERE account_id = ? AND operation = ?"
            left = max_calls - int(store.one(sql, account.id, key)["n"])
            headers = {
                "X-RateLimit-Limit": str(max_calls),
                "X-RateLimit-Remaining": str(max(0, left)),
                "X-RateLimit-Reset": reset_time(start + seconds),
            }
            if tightest is None or left < tightest[0]:
                tightest = left, headers
    left, shown = tightest or (0, {})
    if left < 0:
        raise MastodonError(429, headers=shown)
    return shown


class MastodonControl:
    """Routes of the control surface for the settings."""

    def __init__(self, router: ControlRouter, rules: Rules) -> None:
        self._rules = rules
        self.routes: Final = [
            router.route("GET", "/mastodon", self._get_rules),
            router.route("POST", "/mastodon", self._change),
            router.route("DELETE", "/mastodon", self._restore),
        ]

    async def _get_rules(self, request: Request) -> JSONValue:
        read_filters(request)
        return self._rules.to_json(_read_host(request.query_params.get("host")))

    async def _change(self, request: Request) -> JSONValue:
        body = await read_control(request)
        host = _read_host(body.get("host"))
        self._rules.change(host, body)
        return self._rules.to_json(host)

    async def _restore(self, request: Request) -> JSONValue:
        read_filters(request)
        self._rules.restore()
        return self._rules.to_json(EVERY_SERVER)


def _read_host(value: JSONValue) -> str:
    """Return the host of a server in lower case, or EVERY_SERVER. Raises BadControl."""
    if value is None:
        return EVERY_SERVER
    if not (isinstance(value, str) and re.fullmatch(SERVER, value)):
        raise BadControl('host must be the name of a server like "mastodon.example", or null for all servers.')
    return value.lower()
