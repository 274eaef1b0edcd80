"""What an operator pastes, writes and films for the review of its apps, from the settings and the platforms themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Self
from urllib.parse import urlsplit

from presswork.apps.platform_apps import AppToCheck
from presswork.core.enums import Environment
from presswork.core.errors import Code, PressworkError
from presswork.core.ids import PLATFORM_APP, public_id
from presswork.crypto.keyring import Keyring, load_keyring
from presswork.doctor.checks.crawlers import ALL_CRAWLERS
from presswork.doctor.checks.customer_apps import customer_app_name
from presswork.doctor.checks.platforms import access_name, app_name
from presswork.doctor.checks.registered_urls import (
    REDIRECT_URI,
    RegisteredUrls,
    registered_urls_of,
    registered_urls_of_app,
    webhook_name,
)
from presswork.doctor.checks.review import LEGAL_PAGES, USER_REQUESTS
from presswork.doctor.checks.service import PUBLIC_URL
from presswork.legal.paths import PATHS
from presswork.platforms.description import AppReview, PortalUrl
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.registry import Platforms, app_settings, review_of
from presswork.platforms.settings import Settings

_NEEDED: Final = ("public_url", "operator_name", "contact_email")
_UNUSED: Final = (
    "Your settings request this permission; Presswork does not use it. Describe what you need it for, or remove it."
)
_FIRST_SCENE: Final = "Open {service} and say what it is for. Sign in, so that the reviewer sees where people start."
_RECORDING: Final = (
    "Record the whole screen, in English or with subtitles, without cuts between a login and what follows it. Say what you do. "
    "Show each page long enough to be read. Use an account that has no other connection to the app yet."
)


class ReviewKitNotReady(PressworkError):
    """Settings are missing, without which the kit would lead to pages that do not exist."""

    code: ClassVar[Code] = Code.VALIDATION

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(f"The review needs {' and '.join(missing)}. Set them, restart, and run this command again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedStep:
    """A line of the checklist that `presswork doctor` verifies."""

    finding: str
    """The name of doctor's line."""
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KitApp:
    """A customer's app, in place of the installation's, and the keys from which its verify token follows."""

    app: AppToCheck
    keyring: Keyring

    @classmethod
    def of(cls, app: AppToCheck, settings: Settings) -> Self:
        """Return an app with the keys of these settings. Raises the errors of `load_keyring`."""
        return cls(app=app, keyring=load_keyring(settings))

    def urls_of(self, login: LoginName, platforms: Platforms, base: str) -> RegisteredUrls:
        """Return what is registered in the app for one of its logins."""
        return registered_urls_of_app(self.app.id, login, self.app.environment, platforms, base, self.keyring)


def review_kit(
    settings: Settings, platforms: Platforms, logins: Sequence[LoginName], *, app: KitApp | None = None
) -> Mapping[str, str]:
    """Return the files of the kit by their path: Markdown in English, as reviewers read it.

    With a customer's app, which `settings` have in place of the installation's, for its review. Raises ReviewKitNotReady.
    """
    missing = [f"PRESSWORK_{name.upper()}" for name in _NEEDED if not getattr(settings, name)]
    if missing or settings.public_url is None:
        raise ReviewKitNotReady(missing)
    base = settings.public_url.rstrip("/")
    files = {"README.md": _readme(settings, logins, app), "checklist.md": _checklist(platforms, logins, app)}
    for login in logins:
        review = review_of(login)
        files[f"{login}/addresses.md"] = _list_urls(login, review, platforms, base, app)
        files[f"{login}/permissions.md"] = _permissions(login, review, platforms)
        files[f"{login}/demo-video.md"] = _demo(review, base)
    return files


def checked_steps(
    platforms: Platforms, logins: Sequence[LoginName], app: KitApp | None = None
) -> Sequence[CheckedStep]:
    """Return what `presswork doctor` verifies for the reviews of these apps, or of a customer's app."""
    steps = [
        CheckedStep(finding=PUBLIC_URL, sentence="Platforms reach the service at its public URL, over https."),
        CheckedStep(finding=REDIRECT_URI, sentence="The redirect URIs lead to the service."),
        CheckedStep(finding=ALL_CRAWLERS, sentence="The crawlers of the platforms can fetch media."),
        CheckedStep(
            finding=LEGAL_PAGES, sentence="The privacy policy, the terms and the page about data deletion are served."
        ),
    ]
    reviews = [review_of(login) for login in logins]
    if any(field.url is PortalUrl.DATA_DELETION for review in reviews for field in review.fields):
        steps.append(CheckedStep(finding=USER_REQUESTS, sentence="Meta's requests of people reach the service."))
    described = platforms.described()
    with_webhooks: Mapping[PlatformName, None] = {
        described[login].name: None for login in logins if described[login].webhook_reader is not None
    }
    steps += [
        CheckedStep(finding=webhook_name(name), sentence=f"The webhooks of {name} reach the service.")
        for name in with_webhooks
    ]
    if app is not None:
        steps.append(
            CheckedStep(
                finding=customer_app_name(app.app.id), sentence="ID and secret of the app are set and accepted."
            )
        )
    for login in logins:
        if not app_settings(login).variables:
            continue  # there is no app, and no server that all accounts are at
        title = review_of(login).title
        if app is None:
            steps.append(
                CheckedStep(
                    finding=app_name(login), sentence=f"{title}: ID and secret of the app are set and accepted."
                )
            )
        steps.append(
            CheckedStep(finding=access_name(login), sentence=f"{title}: the platform can be reached from here.")
        )
    return steps


def _readme(settings: Settings, logins: Sequence[LoginName], app: KitApp | None) -> str:
    folders = "\n".join(f"- `{login}/`: {review_of(login).title}, {review_of(login).portal}" for login in logins)
    whose = (settings.operator_name or "") if app is None else app.app.name
    return f"""# App review of {_text(whose)}

Written by `presswork review-kit` from the settings of this machine. Run it again after a change of the settings.

1. Go through `checklist.md`. `{_doctor_for(app)}` verifies the first part.
2. For each app, paste `addresses.md` into the developer portal.
3. Copy `permissions.md` into the review form: a text for each permission.
4. Record `demo-video.md`, and upload the recording.

{folders}
"""


def _doctor_for(app: KitApp | None) -> str:
    return "presswork doctor" if app is None else f"presswork doctor --app {public_id(PLATFORM_APP, app.app.id)}"


def _checklist(platforms: Platforms, logins: Sequence[LoginName], app: KitApp | None) -> str:
    lines = ["# Checklist", "", f"## Verified by `{_doctor_for(app)}`", "", "Each line must be `ok`.", ""]
    lines += [f"- [ ] `{step.finding}`: {step.sentence}" for step in checked_steps(platforms, logins, app)]
    for login in logins:
        review = review_of(login)
        lines += ["", f"## {review.title}: what no program can check", ""]
        lines += [f"- [ ] {sentence}" for sentence in review.requirements]
    return "\n".join([*lines, ""])


def _list_urls(login: LoginName, review: AppReview, platforms: Platforms, base: str, app: KitApp | None) -> str:
    own = registered_urls_of(login, platforms, base) if app is None else app.urls_of(login, platforms, base)
    values = {**{url: f"{base}{path}" for url, path in PATHS.items()}, **_urls_of_login(own, base)}
    lines = [f"# {review.title}: addresses", "", f"In the developer portal, {review.portal}:", ""]
    lines += ["| page of the portal | field | value |", "|---|---|---|"]
    lines += [
        f"| {field.where} | {field.label} | `{value}` |"
        for field in review.fields
        if (value := values.get(field.url)) is not None
    ]
    if own.webhook_verify_token is not None:
        lines += ["", "## Webhooks", "", "| field | value |", "|---|---|"]
        lines += [f"| Callback URL | `{own.webhook_url}` |", f"| Verify token | `{own.webhook_verify_token}` |"]
    return "\n".join([*lines, ""])


def _urls_of_login(own: RegisteredUrls, base: str) -> Mapping[PortalUrl, str]:
    found = {
        PortalUrl.REDIRECT_URI: own.redirect_uri,
        PortalUrl.SERVICE: base,
        PortalUrl.HOST: urlsplit(base).hostname or base,
        PortalUrl.WEBHOOK: own.webhook_url,
        PortalUrl.DEAUTHORIZE: own.deauthorize_url,
        PortalUrl.DATA_DELETION: own.data_deletion_url,
    }
    return {field: url for field, url in found.items() if url is not None}


def _permissions(login: LoginName, review: AppReview, platforms: Platforms) -> str:
    is_live = platforms.is_available(login, Environment.LIVE)
    platform = platforms.get(login, Environment.LIVE) if is_live else platforms.described()[login]
    lines = [
        f"# {review.title}: permissions",
        "",
        "What the service does with each permission that its login requests.",
    ]
    for name in platform.login.permissions:
        lines += ["", f"## {name}", "", review.scopes.get(name, _UNUSED)]
    return "\n".join([*lines, ""])


def _demo(review: AppReview, base: str) -> str:
    scenes = [_FIRST_SCENE.format(service=base), *review.demo]
    lines = [f"# {review.title}: script of the screen recording", "", _RECORDING, ""]
    lines += [f"{number}. {scene}" for number, scene in enumerate(scenes, 1)]
    return "\n".join([*lines, ""])


def _text(text: str) -> str:
    """Return text without what Markdown would take for markup."""
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>#|" else character for character in text)
