"""Checks of the platform apps of customers: their credentials, their platforms' answers and their accounts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from presswork.apps.platform_apps import AppToCheck, read_apps_to_check
from presswork.core.enums import Environment
from presswork.core.ids import PLATFORM_APP, public_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection
from presswork.doctor.checks.platforms import CUSTOMERS_REFUSED, verify_app
from presswork.doctor.model import AppResponse, AppResult, CheckStatus, Finding, fail, ok, warn
from presswork.platforms.registry import app_settings, with_stored
from presswork.platforms.settings import Settings

_ALL: Final = "platform apps"
_MAX_APPS: Final = 200
"""Most apps that one run checks."""
_MAX_SHOWN: Final = 20
"""Most apps that have a finding of their own, those with a problem first."""
_ANSWERS: Final = {
    AppResult.ACCEPTED: "accepted",
    AppResult.REFUSED: "refused",
    AppResult.UNREACHABLE: "not reached",
    AppResult.UNSUPPORTED: "without a call that checks them",
    None: "not asked",
}


async def verify_customers(app: AppToCheck, settings: Settings) -> AppResponse:
    """Ask a platform whether it accepts an app that can be decrypted."""
    if app.credentials is None:
        raise ValueError("the app has no credentials here")
    settings = app_settings(app.login).put_into(settings, app.credentials)
    return await verify_app(app.login, settings, refused=CUSTOMERS_REFUSED)


async def check_customer_app(app: AppToCheck, settings: Settings) -> Finding:
    """Return the finding about one live app that can be decrypted."""
    return _check(app, await verify_customers(app, settings))


def customer_app_name(app_id: UUID) -> str:
    """Return the name of the finding about a customer's app."""
    return f"platform app {public_id(PLATFORM_APP, app_id)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerApps:
    """The apps that a run checks: all, a part of them if there are many, or one."""

    apps: Sequence[AppToCheck] = ()
    total: int = 0
    wanted: UUID | None = None

    @classmethod
    async def read(cls, connection: Connection, keyring: Keyring | None, *, app_id: UUID | None) -> Self:
        """Read the apps to check, or this one."""
        apps, total = await read_apps_to_check(connection, keyring, limit=_MAX_APPS, app_id=app_id)
        return cls(apps=apps, total=total, wanted=app_id)

    @property
    def asked(self) -> Sequence[AppToCheck]:
        """Those whose platforms are asked: the sandbox takes any app."""
        return [app for app in self.apps if app.environment is Environment.LIVE and app.credentials is not None]

    def put_into(self, settings: Settings) -> Settings:
        """Return the settings as if the installation had an app of each platform of which a customer has one, to see what is used."""
        return with_stored(settings, {app.login: app.credentials for app in self.asked if app.credentials is not None})

    def findings(self, responses: Sequence[AppResponse | None]) -> Iterator[Finding]:
        """Yield what was found, given the responses about `asked`: a line for all, and one for each app with a problem.

        Apps without a problem have their line as long as there are few.
        """
        if self.wanted is not None and not self.apps:
            yield fail(customer_app_name(self.wanted), "There is no such app.", "List them with `presswork app list`.")
            return
        if not self.apps:
            return
        heard = {app.id: response for app, response in zip(self.asked, responses, strict=True)}
        found = [_check(app, heard.get(app.id)) for app in self.apps]
        shown = sorted(found, key=lambda one: one.status is CheckStatus.OK)[:_MAX_SHOWN]
        if self.wanted is None:
            yield self._summarize(found, [*heard.values()], hidden=[one for one in found if one not in shown])
        yield from shown

    def _summarize(
        self, found: Sequence[Finding], responses: Sequence[AppResponse | None], *, hidden: Sequence[Finding]
    ) -> Finding:
        counts = Counter(None if one is None else one.result for one in responses)
        answers = ", ".join(f"{counts[result]} {text}" for result, text in _ANSWERS.items() if counts[result])
        parts = [f"{len(found):,} of {self.total:,} apps of customers were checked"]
        parts += [f"of the live ones: {answers}"] if answers else []
        if problems := sum(one.status is not CheckStatus.OK for one in hidden):
            fix = "Correct those below, then run the checks again. `presswork doctor --app APP` checks one."
            return warn(_ALL, f"{'; '.join(parts)}; {problems} more than those below need something.", fix)
        return ok(_ALL, "; ".join(parts))


def _check(app: AppToCheck, response: AppResponse | None) -> Finding:
    """Return the finding about one app. It names the app, never its secret."""
    name, public = customer_app_name(app.id), public_id(PLATFORM_APP, app.id)
    title = f"“{app.name}” ({app.login}, {app.environment})"
    again = f"Store ID and secret again: `presswork app change {public} --secret-file FILE`, or PATCH /v1/platform-apps/{public}."
    if app.credentials is None:
        return fail(
            name,
            f"{title}: ID and secret can't be decrypted with the secret keys here, so its posts wait and its webhooks are refused.",
            f"Restore the secret keys of this installation. {again}",
        )
    if response is not None and response.result is AppResult.REFUSED:
        return fail(
            name, f"{title}: {response.message}.", f"Look at the app in the platform's developer portal. {again}"
        )
    accounts = []
    if app.lapsed_accounts:
        accounts.append(f"{app.lapsed_accounts:,} account(s) have lost access")
    if app.due_accounts:
        accounts.append(f"{app.due_accounts:,} account(s) move to it when they are connected again")
    if accounts:
        return warn(
            name,
            f"{title}: {', and '.join(accounts)}.",
            "Send their owners a connect link with `reconnect`, one for each project: docs/connect-links.md.",
        )
    if app.environment is Environment.TEST:
        return ok(name, f"{title}: ID and secret are set; the sandbox accepts any")
    return ok(
        name,
        f"{title}: {'ID and secret are set; the platform was not asked' if response is None else response.message}",
    )
