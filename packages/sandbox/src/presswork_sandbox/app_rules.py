"""What the platforms demand of apps here: nothing but what a login needs, unless the control surface asks for more.

Any client ID is an app. The control surface can register one: then it has a name, and its own secret alone is right for it. A
platform can block a registered app: it can't log anyone in, and no token of it opens anything until it is let in again. Meta's
can demand that each call proves that it comes from who has the secret.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.control_input import BadControl, known_keys, url_of, yes_or_no
from presswork_sandbox.platform_settings import PlatformSettings
from presswork_sandbox.store import Store
from presswork_sandbox.wire import JSONValue

SETTINGS: Final = "app_rules"
DEFAULTS: Final[Mapping[str, JSONValue]] = {"requirePkce": False, "requireSecret": None}
MAX_SECRET: Final = 200  # characters
APPS: Final = "apps"
MAX_APPS: Final = 200
BLOCKED: Final = "blocked"
"""`dead_reason` of the tokens of an app that is blocked."""
REQUEST_URLS: Final = ("deauthorizeUrl", "dataDeletionUrl")
"""Where Meta sends the requests of people who remove an app, or want their data deleted."""
_FLAGS: Final = ("blocked", "requireProof")


class AppRules:
    """The demands that are set, for every app on every platform. A reset takes them back."""

    def __init__(self, settings: PlatformSettings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def to_json(self) -> Mapping[str, JSONValue]:
        """Return them as the control surface shows them."""
        return {**DEFAULTS, **self._settings.get(SETTINGS)}

    def change(self, body: Mapping[str, JSONValue]) -> None:
        """Change what `body` names; null is the default. Raises BadControl."""
        known_keys(body, list(DEFAULTS))
        changes = {name: DEFAULTS[name] if value is None else value for name, value in body.items()}
        yes_or_no(changes, "requirePkce", default=False)
        secret = changes.get("requireSecret")
        if secret is not None and not (isinstance(secret, str) and 0 < len(secret) <= MAX_SECRET):
            raise BadControl(f"requireSecret must be a string of 1 to {MAX_SECRET} characters, or null for any secret.")
        self._settings.put(SETTINGS, {**self.to_json(), **changes})

    def restore(self) -> None:
        """Restore the defaults."""
        self._settings.drop(SETTINGS)

    @property
    def is_pkce_required(self) -> bool:
        """Whether a login at TikTok needs a code challenge."""
        return self.to_json()["requirePkce"] is True

    def accepts(self, secret: str, client_id: str = "") -> bool:
        """Return whether an app's secret is right: that of a registered app; of others any is, unless one is set."""
        app = self._app(client_id)
        if app is not None:
            return app["blocked"] is not True and app["clientSecret"] == secret
        return self.to_json()["requireSecret"] in {None, secret}

    def name_of(self, client_id: str) -> str | None:
        """Return the name of a registered app."""
        app = self._app(client_id)
        return None if app is None else str(app["name"])

    def is_blocked(self, client_id: str) -> bool:
        """Return whether a platform blocks an app."""
        app = self._app(client_id)
        return app is not None and app["blocked"] is True

    def requires_proof(self, client_id: str) -> bool:
        """Return whether each call of an app needs an `appsecret_proof`."""
        app = self._app(client_id)
        return app is not None and app["requireProof"] is True

    def is_proven(self, client_id: str, token: str, proof: str) -> bool:
        """Return whether an `appsecret_proof` is that of a registered app for this token; of other apps any is."""
        secret = self.secret_of(client_id)
        if secret is None:
            return True
        right = hmac.digest(secret.encode(), token.encode(), hashlib.sha256).hex()
        return hmac.compare_digest(right.encode(), proof.encode())

    def secret_of(self, client_id: str) -> str | None:
        """Return the secret of a registered app."""
        app = self._app(client_id)
        return None if app is None else str(app["clientSecret"])

    def request_url(self, client_id: str, name: str) -> str:
        """Return the URL of REQUEST_URLS that an app has under a name, or ""."""
        app = self._app(client_id) or {}
        return str(app.get(name) or "")

    def list_apps(self) -> Sequence[JSONValue]:
        """Return the registered apps as the control surface shows them, without their secrets."""
        return [
            _describe_app(client_id, app)
            for client_id, app in self._settings.get(APPS).items()
            if isinstance(app, Mapping)
        ]

    def put_app(self, body: Mapping[str, JSONValue]) -> JSONValue:
        """Register an app, or change what `body` names of one; return it as it is shown. Raises BadControl."""
        known_keys(body, ["clientId", "clientSecret", "name", *_FLAGS, *REQUEST_URLS])
        apps = dict(self._settings.get(APPS))
        client_id = _read_text(body, "clientId")
        former = self._app(client_id)
        if former is None and len(apps) >= MAX_APPS:
            raise BadControl(f"There are {MAX_APPS} apps. Reset the sandbox, or change one of them.")
        given = {"name": client_id, **(former or {}), **body}
        app: dict[str, JSONValue] = {
            "name": _read_text(given, "name"),
            "clientSecret": _read_text(given, "clientSecret"),
            **{flag: yes_or_no(given, flag, default=False) for flag in _FLAGS},
            **{name: None if given.get(name) is None else url_of(given, name) for name in REQUEST_URLS},
        }
        self._settings.put(APPS, {**apps, client_id: app})
        reasons = (BLOCKED, None) if app["blocked"] is True else (None, BLOCKED)
        sql = "UPDATE tokens SET dead_reason = ? WHERE client_id = ? AND dead_reason IS ?"
        self._store.run(sql, reasons[0], client_id, reasons[1])
        return _describe_app(client_id, app)

    def _app(self, client_id: str) -> Mapping[str, JSONValue] | None:
        app = self._settings.get(APPS).get(client_id)
        return app if isinstance(app, Mapping) else None


def _read_text(body: Mapping[str, JSONValue], key: str) -> str:
    value = body.get(key)
    if not (isinstance(value, str) and 0 < len(value) <= MAX_SECRET):
        raise BadControl(f"{key} must be a string of 1 to {MAX_SECRET} characters.")
    return value


def _describe_app(client_id: str, app: Mapping[str, JSONValue]) -> JSONValue:
    return {"clientId": client_id, **{name: value for name, value in app.items() if name != "clientSecret"}}
