"""The page on which a person chooses an account, unticks permissions and says yes or no; all platforms share it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from presswork_sandbox.access import Visitor, visitor_of
from presswork_sandbox.accounts import Account, BadHandle
from presswork_sandbox.core import Sandbox
from presswork_sandbox.pages import ACCOUNTS_SHOWN, Pages
from presswork_sandbox.tokens import split_scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeRequest:
    """The parameters of an authorize URL."""

    client_id: str
    redirect_uri: str
    state: str
    scopes: tuple[str, ...]
    challenge: str | None = None


_MAX_HANDLES: Final = 50  # of one login: the most accounts that a post can have
_ABSOLUTE_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.ASCII | re.IGNORECASE)
_SCRIPTS: Final = ("javascript:", "data:")
_OF_THE_FORM: Final = frozenset({"account", "new_account", "chosen", "grant", "decision"})
"""Parameters that the page's own form adds to those of the authorize URL."""


class InvalidAuthorizeRequest(ValueError):
    """The authorize URL has a missing or unknown parameter; the person sees a page that names it and leads back."""

    def __init__(self, message: str, error: str = "invalid_request") -> None:
        """`message` says what to do, `error` is the code by RFC 6749, section 4.1.2.1."""
        super().__init__(message)
        self.error: Final = error


class InvalidChoice(ValueError):
    """What the person chose can't be used; they see the page again."""


class Flow(Protocol):
    """The parts of the consent page that differ between platforms."""

    platform: str  # whose accounts can be chosen
    grants_for: str  # whose codes and tokens come of it
    brand: str  # what the page says whose it is
    takes_several: bool  # whether more than one account can be chosen
    labels: Mapping[str, str]
    required_scope: str

    def read(self, params: Mapping[str, str]) -> AuthorizeRequest:
        """Read an authorize URL. Raises InvalidAuthorizeRequest."""
        ...

    def chosen(self, code: str, accounts: Sequence[Account]) -> None:
        """Take note of the accounts that were chosen, the first of which the code is for."""
        ...

    def approved(self, authorize_request: AuthorizeRequest, code: str, scopes: Sequence[str]) -> str:
        """Return where the person goes after approving."""
        ...

    def denied(self, authorize_request: AuthorizeRequest) -> str:
        """Return where the person goes after refusing."""
        ...

    def failed(self, redirect_uri: str, state: str, *, error: str, description: str) -> str:
        """Return where the person goes back to if the authorize URL is invalid, with the platform's own error."""
        ...


def check_redirect(url: str) -> str:
    """Return an absolute redirect URL. Raises InvalidAuthorizeRequest."""
    if not url.isprintable() or _ABSOLUTE_URL.match(url) is None or url.lower().startswith(_SCRIPTS):
        raise InvalidAuthorizeRequest(
            "redirect_uri is not an absolute URL. Send one like https://app.example.com/connected."
        )
    return url


def _require_own_redirect(url: str, visitor: Visitor) -> None:
    """Raise InvalidAuthorizeRequest if the page may not send the visitor to the redirect URL."""
    if not visitor.may_go_to(url):
        raise InvalidAuthorizeRequest(
            "redirect_uri is on another host than this installation. Send one of this installation, or open the page with "
            "the sandbox's token."
        )


def require(params: Mapping[str, str], names: Sequence[str]) -> None:
    """Raise InvalidAuthorizeRequest unless every one of these is there."""
    for name in names:
        if not params.get(name):
            raise InvalidAuthorizeRequest(f"The parameter {name} is missing. Add it to the authorize URL.")


class Consent:
    """An authorize endpoint, as an ASGI app."""

    def __init__(
        self, sandbox: Sandbox, pages: Pages, flow: Flow, name_of: Callable[[str], str | None] | None = None
    ) -> None:
        """`name_of` returns the name of the app with a client id; without it, apps of the control surface have names."""
        self._sandbox = sandbox
        self._pages = pages
        self._flow = flow
        self._name_of = sandbox.app_rules.name_of if name_of is None else name_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show the page, or answer at once where the URL carries `account` and `decision`."""
        self._sandbox.resume_work()
        await self._handle_choice(Request(scope, receive))(scope, receive, send)

    def _handle_choice(self, request: Request) -> Response:
        params, visitor = dict(request.query_params), visitor_of(request.scope)
        try:
            authorize_request = self._flow.read(params)
            self._require_unblocked(authorize_request)
            _require_own_redirect(authorize_request.redirect_uri, visitor)
        except InvalidAuthorizeRequest as invalid:
            return self._render_refusal(params, visitor, invalid)
        decision = params.get("decision", "")
        try:
            if decision == "deny":
                return self._redirect(self._flow.denied(authorize_request))
            handles = self._handles(request)
            if decision == "approve":
                return self._approve(authorize_request, handles, self._read_ticked(request, authorize_request))
            problem = "The decision is neither approve nor deny. Choose one of them here." if decision else None
        except (InvalidChoice, BadHandle) as bad:
            handles, problem = [], str(bad)
        return self._form(request, authorize_request, visitor, chosen=handles, problem=problem)

    def _require_unblocked(self, authorize_request: AuthorizeRequest) -> None:
        """Raise InvalidAuthorizeRequest for an app that the platform blocks."""
        if self._sandbox.app_rules.is_blocked(authorize_request.client_id):
            raise InvalidAuthorizeRequest("The platform has blocked this app.", "unauthorized_client")

    def _form(
        self,
        request: Request,
        authorize_request: AuthorizeRequest,
        visitor: Visitor,
        *,
        chosen: Sequence[str],
        problem: str | None,
    ) -> Response:
        """Return the page: as the app asked for it, or again, with what is wrong with the person's answer."""
        listed = self._sandbox.accounts.offered(self._flow.platform) if visitor.sees_accounts else ()
        return self._pages.page(
            "consent.html",
            200 if problem is None else 400,
            platform=self._flow.grants_for,
            client_id=authorize_request.client_id,
            app_name=self._name_of(authorize_request.client_id),
            accounts=list(islice(listed, ACCOUNTS_SHOWN)),
            chosen=chosen,
            typed=request.query_params.get("new_account", ""),
            problem=problem,
            brand=self._flow.brand,
            several=self._flow.takes_several,
            chosen_platform=self._flow.platform,
            scopes=[(name, self._flow.labels.get(name, name)) for name in authorize_request.scopes],
            ticked=self._read_ticked(request, authorize_request),
            required=self._flow.required_scope,
            hidden={name: value for name, value in request.query_params.items() if name not in _OF_THE_FORM},
        )

    def _read_ticked(self, request: Request, authorize_request: AuthorizeRequest) -> Sequence[str]:
        """Return the permissions that the person grants.

        The form sends one `grant` for each box that is ticked; a bare URL grants everything.
        """
        return request.query_params.getlist("grant") if "chosen" in request.query_params else authorize_request.scopes

    def _render_refusal(
        self, params: Mapping[str, str], visitor: Visitor, invalid: InvalidAuthorizeRequest
    ) -> Response:
        """Return the page for an invalid authorize URL, with a link back to the app where its URL can be trusted."""
        try:
            redirect_uri = check_redirect(params.get("redirect_uri", ""))
            _require_own_redirect(redirect_uri, visitor)
        except InvalidAuthorizeRequest:
            back = None
        else:
            state, description = params.get("state", ""), str(invalid)
            back = self._flow.failed(redirect_uri, state, error=invalid.error, description=description)
        return self._pages.refused(
            400, str(invalid), platform=self._flow.grants_for, back=back, sees_accounts=visitor.sees_accounts
        )

    def _handles(self, request: Request) -> list[str]:
        """Return the handles that were chosen or typed: at most one where one is all that can be chosen.

        Raises InvalidChoice for too many.
        """
        typed = request.query_params.get("new_account", "")
        named = [part.strip() for value in request.query_params.getlist("account") for part in value.split(",")]
        if not self._flow.takes_several:
            return [typed or named[-1]] if typed or named else []
        handles = [handle for handle in dict.fromkeys([*named, typed]) if handle]
        if len(handles) > _MAX_HANDLES:
            raise InvalidChoice(f"You chose {len(handles)} accounts. Choose at most {_MAX_HANDLES}.")
        return handles

    def _approve(self, authorize_request: AuthorizeRequest, handles: Sequence[str], ticked: Sequence[str]) -> Response:
        if not handles:
            raise InvalidChoice("You chose no account. Choose one, or enter a handle.")
        now = self._sandbox.clock.now()
        accounts = [self._sandbox.accounts.ensure(self._flow.platform, handle, now) for handle in handles]
        account = accounts[0]
        wanted = [scope for scope in authorize_request.scopes if scope in ticked or scope == self._flow.required_scope]
        scopes = account.allows(wanted)
        code = self._sandbox.tokens.issue_code(
            self._flow.grants_for,
            account.id,
            client_id=authorize_request.client_id,
            redirect_uri=authorize_request.redirect_uri,
            scopes=scopes,
            challenge=authorize_request.challenge,
            now=now,
        )
        self._flow.chosen(code, accounts)
        return self._redirect(self._flow.approved(authorize_request, code, scopes))

    def _redirect(self, url: str) -> Response:
        # RedirectResponse quotes what is already quoted as it should be, and leaves the rest alone.
        return RedirectResponse(url, 302, headers={"Cache-Control": "no-store"})


def require_code(params: Mapping[str, str], otherwise: str = "") -> None:
    """Raise InvalidAuthorizeRequest unless `response_type`, or its default, is code."""
    if params.get("response_type", otherwise) != "code":
        raise InvalidAuthorizeRequest(
            "response_type is not code. Send response_type=code.", "unsupported_response_type"
        )


def read_scopes(text: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """Read a scope list. Raises InvalidAuthorizeRequest on an empty one, or one with a scope that does not exist."""
    scopes = split_scopes(text)
    unknown = [scope for scope in scopes if scope not in known]
    if unknown:
        raise InvalidAuthorizeRequest(
            f"Unknown scopes: {', '.join(unknown)}. This login has: {', '.join(known)}.", "invalid_scope"
        )
    if not scopes:
        raise InvalidAuthorizeRequest(f"No scope is requested. This login has: {', '.join(known)}.", "invalid_scope")
    return scopes
