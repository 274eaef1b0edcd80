"""The page on which a person makes a bot an administrator of a channel.

Telegram has no such page: there the person does it in the app and posts a code in the channel. Here the page does both, and then
returns to the app with `code` and `chat_id`. What it posts is `text`, or the code where the URL names none.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from presswork_sandbox.accounts import Account
from presswork_sandbox.consent import AuthorizeRequest, InvalidAuthorizeRequest, check_redirect, read_scopes, require
from presswork_sandbox.core import Sandbox
from presswork_sandbox.telegram.bots import ADMINISTRATOR, RIGHTS, Bots
from presswork_sandbox.telegram.facts import FACTS
from presswork_sandbox.telegram.messages import Messages

MAX_TEXT: Final = 200  # characters


def _with_query(url: str, parameters: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=query))


class TelegramFlow:
    """oauth.telegram.org/auth."""

    platform = FACTS.name
    grants_for = FACTS.name
    brand = FACTS.brand
    takes_several = False
    labels: Mapping[str, str] = RIGHTS
    required_scope = ""

    def __init__(self, sandbox: Sandbox, bots: Bots, messages: Messages) -> None:
        self._sandbox = sandbox
        self._bots = bots
        self._messages = messages

    def read(self, params: Mapping[str, str]) -> AuthorizeRequest:
        """Read the URL: `client_id` is the bot's id, `scope` the rights, all by default. Raises InvalidAuthorizeRequest."""
        require(params, ("client_id", "redirect_uri"))
        bot_id, text = params["client_id"], params.get("text", "")
        if not (bot_id.isascii() and bot_id.isdigit() and len(bot_id) <= 15):
            raise InvalidAuthorizeRequest(
                "client_id is not the id of a bot. Send the digits before the colon of its token."
            )
        if len(text) > MAX_TEXT:
            raise InvalidAuthorizeRequest(f"text is longer than {MAX_TEXT} characters. Send a shorter one.")
        return AuthorizeRequest(
            client_id=bot_id,
            redirect_uri=check_redirect(params["redirect_uri"]),
            state=params.get("state", ""),
            scopes=read_scopes(params.get("scope") or " ".join(RIGHTS), RIGHTS),
            challenge=text or None,
        )

    def chosen(self, code: str, accounts: Sequence[Account]) -> None:
        """The code itself says all there is to know."""
        _ = code, accounts

    def approved(self, authorize_request: AuthorizeRequest, code: str, scopes: Sequence[str]) -> str:
        """Make the bot an administrator, post in the channel, and return the redirect with the code."""
        found = self._sandbox.tokens.find_code(FACTS.name, code)
        account = None if found is None else self._sandbox.accounts.by_id(found.account_id)
        if account is None:
            raise LookupError("a code that was just made")
        with self._sandbox.store.transaction():
            self._bots.set_member(authorize_request.client_id, account, ADMINISTRATOR, scopes)
            self._messages.post_by_person(account, authorize_request.challenge or code)
        return self._back(authorize_request, {"code": code, "chat_id": account.user_id})

    def denied(self, authorize_request: AuthorizeRequest) -> str:
        """Return the redirect that says access_denied."""
        return self._back(authorize_request, {"error": "access_denied"})

    def _back(self, authorize_request: AuthorizeRequest, parameters: Mapping[str, str]) -> str:
        state = {"state": authorize_request.state} if authorize_request.state else {}
        return _with_query(authorize_request.redirect_uri, {**parameters, **state})

    def failed(self, redirect_uri: str, state: str, *, error: str, description: str) -> str:
        """Return the redirect that says what is wrong with the URL."""
        parameters = {"error": error, "error_description": description}
        return _with_query(redirect_uri, parameters | ({"state": state} if state else {}))
