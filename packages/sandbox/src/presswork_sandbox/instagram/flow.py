"""Instagram's consent, and that of Threads: what the authorize URL carries and where it sends the person.

Source: Meta, "Business Login for Instagram", read 2026-11.
"""

from collections.abc import Mapping, Sequence

from presswork_sandbox.accounts import Account
from presswork_sandbox.consent import AuthorizeRequest, check_redirect, read_scopes, require, require_code
from presswork_sandbox.instagram.oauth import BASIC, SCOPES, approved_url, denied_url, with_query


class InstagramFlow:
    """www.instagram.com/oauth/authorize."""

    platform = "instagram"
    grants_for = "instagram"
    brand = "Instagram"
    takes_several = False
    labels: Mapping[str, str] = SCOPES
    required_scope = BASIC

    def read(self, params: Mapping[str, str]) -> AuthorizeRequest:
        """Read the authorize URL. Raises InvalidAuthorizeRequest."""
        require(params, ("client_id", "redirect_uri", "scope"))
        require_code(params)
        return AuthorizeRequest(
            client_id=params["client_id"],
            redirect_uri=check_redirect(params["redirect_uri"]),
            state=params.get("state", ""),
            scopes=read_scopes(params["scope"], self.labels),
        )

    def chosen(self, code: str, accounts: Sequence[Account]) -> None:
        """The code itself says all there is to know."""
        _ = code, accounts

    def approved(self, authorize_request: AuthorizeRequest, code: str, scopes: Sequence[str]) -> str:
        """Return the redirect with the code."""
        _ = scopes  # Instagram returns them with the token
        return approved_url(authorize_request.redirect_uri, authorize_request.state, code)

    def denied(self, authorize_request: AuthorizeRequest) -> str:
        """Return the redirect that says access_denied."""
        return denied_url(authorize_request.redirect_uri, authorize_request.state)

    def failed(self, redirect_uri: str, state: str, *, error: str, description: str) -> str:
        """Return the redirect that says what is wrong with the authorize URL."""
        parameters = {"error": error, "error_description": description}
        return with_query(redirect_uri, parameters | ({"state": state} if state else {}))
