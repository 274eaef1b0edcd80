"""The page on which a person chooses an account, unticks permissions and says yes or no; all platforms share it."""

from collections.abc import Mapping, Sequence
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


_HANDLES_MOST: Final = 50  # of one login: the most accounts that a post can have


class InvalidAuthorizeRequest(ValueError):
    """The authorize URL has a missing or unknown parameter; the person sees a page that names it."""


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

    def approved(self, ask: AuthorizeRequest, code: str, scopes: Sequence[str]) -> str:
        """Return where the person goes after approving."""
        ...

    def denied(self, ask: AuthorizeRequest) -> str:
        """Return where the person goes after refusing."""
        ...


def check_redirect(address: str) -> str:
    """Return an absolute redirect address. Raises InvalidAuthorizeRequest."""
    if not address.isprintable() or "://" not in address or address.lower().startswith(("javascript:", "data:")):
        raise InvalidAuthorizeRequest("redirect_uri must be an absolute address.")
    return address


def _require_own_redirect(ask: AuthorizeRequest, visitor: Visitor) -> None:
    """Raise InvalidAuthorizeRequest if the page may not send the visitor to the redirect address."""
    if not visitor.may_go_to(ask.redirect_uri):
        raise InvalidAuthorizeRequest(
            "redirect_uri must belong to the installation of this sandbox, unless the call has the sandbox's token."
        )


def require(params: Mapping[str, str], names: Sequence[str]) -> None:
    """Raise InvalidAuthorizeRequest unless every one of these is there."""
    for name in names:
        if not params.get(name):
            raise InvalidAuthorizeRequest(f"The parameter {name} is missing.")


class Consent:
    """An authorize endpoint, as an ASGI app."""

    def __init__(self, sandbox: Sandbox, pages: Pages, flow: Flow) -> None:
        self._sandbox = sandbox
        self._pages = pages
        self._flow = flow

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show the page, or answer at once where the URL carries `account` and `decision`."""
        self._sandbox.resume_work()
        await self._answer(Request(scope, receive))(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        params, visitor = dict(request.query_params), visitor_of(request.scope)
        try:
            ask = self._flow.read(params)
            _require_own_redirect(ask, visitor)
            decision = params.get("decision", "")
            if decision == "deny":
                return self._redirect(self._flow.denied(ask))
            if decision == "approve":
                # The page sends one `grant` for each box that is ticked; a bare URL grants everything.
                ticked = request.query_params.getlist("grant") if "chosen" in params else list(ask.scopes)
                return self._approve(ask, self._handles(request), ticked)
            if decision:
                return self._refused("decision is approve or deny.")
            chosen = self._handles(request)
        except (InvalidAuthorizeRequest, BadHandle) as bad:
            return self._refused(str(bad))
        listed = self._sandbox.accounts.listed(self._flow.platform) if visitor.sees_accounts else ()
        known = list(islice(listed, ACCOUNTS_SHOWN))
        return self._pages.page(
            "consent.html",
            platform=self._flow.grants_for,
            client_id=ask.client_id,
            accounts=known,
            chosen=chosen,
            brand=self._flow.brand,
            several=self._flow.takes_several,
            scopes=[(name, self._flow.labels.get(name, name)) for name in ask.scopes],
            required=self._flow.required_scope,
            hidden={name: value for name, value in params.items() if name not in {"account", "new_account"}},
        )

    def _refused(self, message: str) -> Response:
        return self._pages.page("refused.html", 400, platform=self._flow.grants_for, message=message)

    def _handles(self, request: Request) -> list[str]:
        """Return the handles that were chosen or typed: at most one where one is all that can be chosen.

        Raises InvalidAuthorizeRequest for too many.
        """
        typed = request.query_params.get("new_account", "")
        named = [part.strip() for value in request.query_params.getlist("account") for part in value.split(",")]
        if not self._flow.takes_several:
            return [typed or named[-1]] if typed or named else []
        handles = [handle for handle in dict.fromkeys([*named, typed]) if handle]
        if len(handles) > _HANDLES_MOST:
            raise InvalidAuthorizeRequest(f"Choose at most {_HANDLES_MOST} accounts.")
        return handles

    def _approve(self, ask: AuthorizeRequest, handles: Sequence[str], ticked: Sequence[str]) -> Response:
        now = self._sandbox.clock.now()
        accounts = [self._sandbox.accounts.ensure(self._flow.platform, handle, now) for handle in handles or [""]]
        account = accounts[0]
        wanted = [scope for scope in ask.scopes if scope in ticked or scope == self._flow.required_scope]
        scopes = account.allows(wanted)
        code = self._sandbox.tokens.issue_code(
            self._flow.grants_for,
            account.id,
            client_id=ask.client_id,
            redirect_uri=ask.redirect_uri,
            scopes=scopes,
            challenge=ask.challenge,
            now=now,
        )
        self._flow.chosen(code, accounts)
        return self._redirect(self._flow.approved(ask, code, scopes))

    def _redirect(self, address: str) -> Response:
        # RedirectResponse quotes what is already quoted as it should be, and leaves the rest alone.
        return RedirectResponse(address, 302, headers={"Cache-Control": "no-store"})


def read_scopes(text: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """Read a scope list. Raises InvalidAuthorizeRequest on an empty one, or one with a scope that does not exist."""
    scopes = split_scopes(text)
    unknown = [scope for scope in scopes if scope not in known]
    if not scopes or unknown:
        raise InvalidAuthorizeRequest(f"Invalid scopes: {', '.join(unknown) or 'none were asked for'}.")
    return scopes
