"""What all pages without a login share: how they are opened, protected and shown.

Such a page works without JavaScript, sends no referrer, is in no search engine and no cache, and has the project's branding. A
link that is unknown, expired or revoked leads to one page with the status 404.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, wraps
from typing import Final, ParamSpec
from urllib.parse import quote

import jinja2
from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from presswork.api.context import Context
from presswork.api.http.body import MAX_FORM_BYTES, read_form
from presswork.api.http.envelope import request_id_of
from presswork.api.http.languages import LANGUAGES, PARAMETER, Language, language_of
from presswork.api.http.origin import has_origin, require_own_origin
from presswork.api.http.pages import environment_of
from presswork.callers.model import ForeignOrigin
from presswork.core.enums import LinkKind
from presswork.core.errors import STATUS, Code, PressworkError
from presswork.core.texts import translatable
from presswork.crypto.keyring import Keyring
from presswork.legal.paths import DELETION_PAGE, PRIVACY, TERMS
from presswork.links.model import LinkUnknown, OpenedLink
from presswork.links.page_links import count_visit, open_link
from presswork.media.links import MediaLinks
from presswork.people.throttle import count_subject
from presswork.projects.branding import Branding

UNKNOWN_PER_ADDRESS: Final = 60
"""Unknown tokens that one address may open in 15 minutes: of 2^256, none is found so."""
ACTS_PER_ADDRESS: Final = 120
"""Forms that one address may send to one link in 15 minutes."""
VISITS_PER_ADDRESS: Final = 600
"""Visits of one link by one address in 15 minutes: each writes a line of the audit log."""
FORM_TOKEN: Final = "token"  # noqa: S105  the name of a field
_PURPOSE: Final = "link forms"
_OWN_SITES: Final = frozenset({"same-origin", "none"})
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
_PROBLEMS: Final[Mapping[Code, tuple[str, str]]] = {
    Code.NOT_FOUND: (
        translatable("This link does not work"),
        translatable("It is incomplete, has expired or was withdrawn. Ask the person who sent it for a new one."),
    ),
    Code.RATE_LIMITED: (
        translatable("Too many requests"),
        translatable("Wait a quarter of an hour, then open the link again."),
    ),
    Code.FORBIDDEN_ORIGIN: (
        translatable("This form was not sent from its page"),
        translatable("Nothing was done. Open the link again and send the form from there."),
    ),
}
_OTHER_PROBLEM: Final = (
    translatable("Something went wrong"),
    translatable("Nothing was done. Open the link again. If that does not help, ask the person who sent it."),
)

P = ParamSpec("P")


def link_page(serve: Callable[P, Awaitable[Response]]) -> Callable[P, Awaitable[Response]]:
    """Decorate the route of a page, which must have the parameter `request`: its errors become pages."""

    @wraps(serve)
    async def served(*args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            return await serve(*args, **kwargs)
        except PressworkError as error:
            request = kwargs["request"]
            if not isinstance(request, Request):
                raise TypeError("the route of a page needs the parameter `request`") from error
            return problem_page(request, error)

    return served


async def open_page(request: Request, context: Context, token: str, kind: LinkKind, *, now: datetime) -> OpenedLink:
    """Return the link of a page's token. Raises LinkUnknown, and TooManyAttempts for an address that guesses tokens."""
    try:
        return await open_link(context.pool, token, kind, now=now)
    except LinkUnknown:
        await count_subject(context.pool, "page links", address_of(request), limit=UNKNOWN_PER_ADDRESS, now=now)
        raise


async def record_visit(request: Request, context: Context, opened: OpenedLink, *, now: datetime) -> None:
    """Count a visit that a person makes; HEAD, which link previews send, is none. Raises TooManyAttempts."""
    if request.method != "HEAD":
        await _count(request, context, opened, "visits", VISITS_PER_ADDRESS, now)
        await count_visit(context.pool, opened, request_id=request_id_of(request), now=now)


async def read_act(
    request: Request, context: Context, opened: OpenedLink, *, now: datetime, max_bytes: int = MAX_FORM_BYTES
) -> list[tuple[str, str]]:
    """Return the fields of a form that the page of this link sent, after counting the act.

    Raises ForeignOrigin for a form of another page or link, TooManyAttempts, PayloadTooLarge, Invalid.
    """
    await _count(request, context, opened, "acts", ACTS_PER_ADDRESS, now)
    fields = await read_form(request, max_bytes=max_bytes)
    sent = [value for name, value in fields if name == FORM_TOKEN]
    # Without a referrer browsers send `Origin: null` with a form, also from the same site. So the token decides.
    origin = request.headers.get("origin")
    if has_origin(request) and origin != "null":
        require_own_origin(request, base_url=context.base_url)
    is_own = request.headers.get("sec-fetch-site", "none") in _OWN_SITES
    if not is_own or len(sent) != 1 or not _is_form_token(context.keyring, opened, sent[0]):
        raise ForeignOrigin("The form was not sent from the page of this link. Open the link and send it from there.")
    return [(name, value) for name, value in fields if name != FORM_TOKEN]


def address_of(request: Request) -> str | None:
    """Return the address that sent the request."""
    return None if request.client is None else request.client.host


async def _count(request: Request, context: Context, opened: OpenedLink, what: str, limit: int, now: datetime) -> None:
    kind = f"link {what} {opened.link.id}"
    await count_subject(context.pool, kind, address_of(request), limit=limit, now=now)


def form_token(keyring: Keyring, opened: OpenedLink) -> str:
    """Return the hidden field of the forms of a link's page. It works as long as the link."""
    return _form_tokens(keyring, opened)[0]


def _form_tokens(keyring: Keyring, opened: OpenedLink) -> list[str]:
    identity = opened.link.id.bytes
    return [hmac.new(key, identity, hashlib.sha256).hexdigest() for key in keyring.derived(_PURPOSE)]


def _is_form_token(keyring: Keyring, opened: OpenedLink, text: str) -> bool:
    """Return whether a page of this link has the token; it may have been shown before the secret key was rotated."""
    sent = text.encode("utf-8", "surrogatepass")
    return any(hmac.compare_digest(one.encode("ascii"), sent) for one in _form_tokens(keyring, opened))


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """Which sites may frame a page, and where its forms may lead besides this server."""

    ancestors: tuple[str, ...] = ()  # sources of CSP, such as https://app.example.com
    form_targets: tuple[str, ...] = ()


class LinkPages:
    """The templates of one package, which extend `link_page.html`."""

    def __init__(self, package: str) -> None:
        self._package = package

    def response(
        self,
        request: Request,
        context: Context,
        opened: OpenedLink,
        template: str,
        values: Mapping[str, object],
        *,
        now: datetime,
        status_code: int = 200,
        framing: Framing | None = None,
    ) -> HTMLResponse:
        """Return a page of a link with the branding of its project, in the language of the request.

        Templates have `link`, `brand`, `language`, `_`, `url(path)` for URLs of the page, `date_time`, `date`, `day`, `time`, `weekday`, `weekdays` and `month`.
        Each form includes `link_form_token.html`.
        """
        shown = {
            **values,
            "link": opened.link,
            "form_token": form_token(context.keyring, opened),
            "page_path": opened.path,
        }
        return _render(
            request,
            self._package,
            template,
            shown,
            _brand(context, opened, now),
            status_code=status_code,
            framing=framing,
        )

    def unlinked(
        self, request: Request, template: str, values: Mapping[str, object], *, status_code: int
    ) -> HTMLResponse:
        """Return a page about a link that has ended, which has no branding and leads nowhere."""
        shown = {**values, "page_path": request.url.path}
        return _render(request, self._package, template, shown, Brand(name="Presswork"), status_code=status_code)

    def redirect(self, request: Request, opened: OpenedLink, path: str = "") -> RedirectResponse:
        """Return a redirect after a form to the page of the link, or to one below it."""
        url = page_url(language_of(request), opened.path, path)
        return RedirectResponse(url, status_code=303, headers=_HEADERS)


def own_page(
    request: Request, package: str, template: str, values: Mapping[str, object], *, name: str, status_code: int = 200
) -> HTMLResponse:
    """Return a page that needs no link, such as a legal one, in the same shell. `name` says whose page it is."""
    shown = {**values, "page_path": request.url.path}
    return _render(request, package, template, shown, Brand(name=name), status_code=status_code)


def lead_to(url: str) -> Response:
    """Return a redirect from a page to another site. The URL stays as it is: RedirectResponse would encode it again."""
    return Response(status_code=303, headers={**_HEADERS, "Location": url})


def page_url(language: Language, page_path: str, path: str = "") -> str:
    """Return the URL of a page below a link's page; a chosen language stays chosen."""
    url = f"{page_path}/{path}" if path else page_path
    return f"{url}?{PARAMETER}={language.code}" if language.is_chosen else url


def problem_page(request: Request, error: PressworkError) -> HTMLResponse:
    """Return the page about an error. All links that do not work have the same one."""
    request.scope.setdefault("state", {})["error_code"] = error.code.value
    title, message = _PROBLEMS.get(error.code, _OTHER_PROBLEM)
    language = language_of(request)
    values = {
        "title": language.gettext(title),
        "message": language.gettext(message),
        "request_id": None if error.code is Code.NOT_FOUND else request_id_of(request),
        "page_path": request.url.path,
    }
    headers = {}
    if "retryAfterSeconds" in error.details:
        headers["Retry-After"] = str(error.details["retryAfterSeconds"])
    return _render(
        request,
        "presswork.api.http",
        "link_problem.html",
        values,
        Brand(name="Presswork"),
        status_code=STATUS[error.code],
        headers=headers,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """The branding as the page shows it."""

    name: str
    logo_url: str | None = None  # on this server
    style: str = ""  # CSS: the colour, and that of texts on it


def _brand(context: Context, opened: OpenedLink, now: datetime) -> Brand:
    branding = opened.branding or Branding()
    logo = None
    if branding.logo_key is not None and branding.logo_type is not None:
        # A relative URL: the logo has the origin of the page, whatever the public host name is.
        links = MediaLinks("", context.keyring, context.settings.media_url_lifetime)
        logo = links.url_for(branding.logo_key, branding.logo_type, expires_at=links.expires_at(now))
    style = f":root{{--brand:{branding.color};--on-brand:{branding.on_color}}}" if branding.color is not None else ""
    return Brand(name=branding.name or opened.project_name, logo_url=logo, style=style)


def _render(
    request: Request,
    package: str,
    template: str,
    values: Mapping[str, object],
    brand: Brand,
    *,
    status_code: int,
    framing: Framing | None = None,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    language, framing = language_of(request), framing or Framing()
    page_path = str(values["page_path"])
    shown = {
        **values,
        "brand": brand,
        "language": language,
        "languages": [
            {"code": code, "name": name, "href": f"{quote(request.url.path)}?{PARAMETER}={code}"}
            for code, name in LANGUAGES.items()
        ],
        "url": lambda path="": page_url(language, page_path, path),
        "legal": _legal_links(request, language),
    }
    html = _environment(package, language.code).get_template(template).render(**shown)
    return HTMLResponse(
        html,
        status_code=status_code,
        headers={**_HEADERS, **_policy(brand, framing), "Content-Language": language.code, **(headers or {})},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalLinks:
    """Who runs this service, and the URLs of the legal pages in the language of the page."""

    operator: str
    email: str
    privacy: str
    terms: str
    deletion: str


def _legal_links(request: Request, language: Language) -> LegalLinks | None:
    """Return what the footer of each page says, or None if the operator has not set up legal pages."""
    context = request.scope.get("context")
    settings = context.settings if isinstance(context, Context) else None
    if settings is None or settings.operator_name is None or settings.contact_email is None:
        return None
    return LegalLinks(
        operator=settings.operator_name,
        email=settings.contact_email,
        privacy=page_url(language, PRIVACY),
        terms=page_url(language, TERMS),
        deletion=page_url(language, DELETION_PAGE),
    )


def _policy(brand: Brand, framing: Framing) -> Mapping[str, str]:
    """Return the headers that say what the page loads, where its forms lead and which sites may frame it."""
    styles = "'self'"
    if brand.style:
        styles += f" 'sha256-{_digest(brand.style)}'"
    targets = " ".join(("'self'", *framing.form_targets))
    ancestors = " ".join(framing.ancestors) or "'none'"
    policy = (
        f"default-src 'none'; style-src {styles}; img-src 'self'; media-src 'self'; form-action {targets}; "
        f"base-uri 'none'; frame-ancestors {ancestors}"
    )
    # X-Frame-Options knows no list of sites; browsers that know frame-ancestors ignore it.
    return {"Content-Security-Policy": policy, **({} if framing.ancestors else {"X-Frame-Options": "DENY"})}


def _digest(style: str) -> str:
    return b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")


@lru_cache(maxsize=32)
def _environment(package: str, code: str) -> jinja2.Environment:
    """Return the templates of a package in one language."""
    environment = environment_of(package, extensions=["jinja2.ext.i18n"])
    texts = Language(code).texts
    install: Callable[..., None] = environment.install_gettext_callables  # type: ignore[attr-defined]  # the extension adds it
    install(texts.ugettext, texts.ungettext, newstyle=True)
    environment.globals |= {
        "date_time": Language(code).date_time,
        "date": Language(code).date,
        "day": Language(code).day,
        "time": Language(code).time,
        "weekday": Language(code).weekday,
        "weekdays": Language(code).weekdays,
        "month": Language(code).month,
    }
    return environment
