"""What the platforms demand of apps here: nothing but what a login needs, unless the control surface asks for more."""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.control_input import BadControl, known_keys, yes_or_no
from presswork_sandbox.platform_settings import PlatformSettings
from presswork_sandbox.wire import JSONValue

SETTINGS: Final = "app_rules"
DEFAULTS: Final[Mapping[str, JSONValue]] = {"requirePkce": False, "requireSecret": None}
MAX_SECRET: Final = 200  # characters


class AppRules:
    """The demands that are set, for every app on every platform. A reset takes them back."""

    def __init__(self, settings: PlatformSettings) -> None:
        self._settings = settings

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

    def accepts(self, secret: str) -> bool:
        """Return whether an app's secret is right: any is, unless one is set."""
        return self.to_json()["requireSecret"] in {None, secret}
