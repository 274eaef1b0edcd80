"""The authorize page of Bluesky: it answers a request that the app pushed before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.facts import FACTS
from presswork_sandbox.bluesky.oauth import PushedRequests, redirect_with
from presswork_sandbox.bluesky.scopes import ATPROTO, LABELS
from presswork_sandbox.consent import AuthorizeRequest, InvalidAuthorizeRequest, require


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedAuthorizeRequest(AuthorizeRequest):
    """The parameters of a request that was pushed."""

    request_uri: str
    issuer: str


class BlueskyFlow:
    """bsky.social/oauth/authorize."""

    platform = FACTS.name
    grants_for = FACTS.name
    brand = FACTS.brand
    takes_several = False
    labels: Mapping[str, str] = LABELS
    required_scope = ATPROTO

    def __init__(self, requests: PushedRequests) -> None:
        self._requests = requests

    def read(self, params: Mapping[str, str]) -> AuthorizeRequest:
        """Return the request that `request_uri` stands for. Raises InvalidAuthorizeRequest."""
        if "request_uri" not in params and "redirect_uri" in params:
            raise InvalidAuthorizeRequest(
                "The request was not pushed. POST it to /oauth/par, and send its request_uri and the client_id."
            )
        require(params, ("client_id", "request_uri"))
        pushed = self._requests.open(params["request_uri"], params["client_id"])
        return PushedAuthorizeRequest(
            client_id=pushed.client_id,
            redirect_uri=pushed.redirect_uri,
            state=pushed.state,
            scopes=tuple(pushed.scopes.split()),
            challenge=pushed.challenge,
            request_uri=pushed.request_uri,
            issuer=pushed.issuer,
        )

    def chosen(self, code: str, accounts: Sequence[Account]) -> None:
        """The code itself says whose it is."""
        _ = code, accounts

    def approved(self, authorize_request: AuthorizeRequest, code: str, scopes: Sequence[str]) -> str:
        """Return the redirect with the code and the issuer (RFC 9207)."""
        _ = scopes
        pushed = _require_pushed(authorize_request)
        self._requests.approve(pushed.request_uri, code)
        return redirect_with(pushed.redirect_uri, {**_common_parameters(pushed), "code": code})

    def denied(self, authorize_request: AuthorizeRequest) -> str:
        """Return the redirect that says access_denied."""
        pushed = _require_pushed(authorize_request)
        self._requests.deny(pushed.request_uri)
        error = {"error": "access_denied", "error_description": "Access denied"}
        return redirect_with(pushed.redirect_uri, {**_common_parameters(pushed), **error})

    def failed(self, redirect_uri: str, state: str, *, error: str, description: str) -> str:
        """Return the redirect that says what is wrong with an authorize URL that names a redirect URL."""
        parameters = {"error": error, "error_description": description}
        return redirect_with(redirect_uri, parameters | ({"state": state} if state else {}))


def _require_pushed(authorize_request: AuthorizeRequest) -> PushedAuthorizeRequest:
    if not isinstance(authorize_request, PushedAuthorizeRequest):
        raise TypeError("a request that `read` did not return")
    return authorize_request


def _common_parameters(pushed: PushedAuthorizeRequest) -> dict[str, str]:
    return {"iss": pushed.issuer} | ({"state": pushed.state} if pushed.state else {})
