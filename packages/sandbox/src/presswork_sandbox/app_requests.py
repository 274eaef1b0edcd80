"""Requests that Meta sends to an app about a person: who removed the app, or wants their data deleted.

Source: Meta, "Data Deletion Request Callback", "Parsing the Signed Request" and "Deauthorize Callback", read 2026-12. Both URLs
get a form of the same kind; what is signed does not name the app, and that it is for a deletion is seen by `expires` alone. The
person in it is the one that the platform's login named to the app: on Instagram the app-scoped id, behind Facebook Login the
person who manages the Page.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Final

import aiohttp

from presswork_sandbox.accounts import Account
from presswork_sandbox.app_rules import REQUEST_URLS
from presswork_sandbox.callbacks import RESPONSE_TIMEOUT_SECONDS
from presswork_sandbox.control_input import BadControl
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.people import person_id
from presswork_sandbox.wire import JSONValue

DEAUTHORIZE: Final = "deauthorize"
DATA_DELETION: Final = "data-deletion"
KINDS: Final[Mapping[str, str]] = dict(zip((DEAUTHORIZE, DATA_DELETION), REQUEST_URLS, strict=True))
"""What is requested, and the URL of the app that gets it."""
MAX_SHOWN: Final = 500  # characters of a response
_GRANT: Final = """
SELECT platform, grant_id,
       (SELECT account_id FROM tokens AS own WHERE own.grant_id = tokens.grant_id ORDER BY issued_at, kind = 'page' LIMIT 1) AS own
  FROM tokens
 WHERE client_id = ?1
   AND (account_id = ?2 OR grant_id IN (SELECT grant_id FROM grant_pages WHERE account_id = ?2))
 ORDER BY issued_at DESC, grant_id DESC LIMIT 1"""


class AppRequests:
    """Sends the requests of people, each to one app, about what they granted to that app."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def send(self, client_id: str, kind: str, account: Account) -> JSONValue:
        """End what a person granted to a registered app, send it their request, and return its response.

        Raises BadControl where the app has no URL for it, or the account was not connected with it.
        """
        rules, store = self._sandbox.app_rules, self._sandbox.store
        secret, url = rules.secret_of(client_id), rules.request_url(client_id, KINDS[kind])
        if secret is None or not url:
            raise BadControl(f"The app has no {KINDS[kind]}. Set it with POST /sandbox/control/apps.")
        row = store.first(_GRANT, client_id, account.id)
        person = None if row is None else self._sandbox.accounts.by_id(row["own"])
        if row is None or person is None:
            raise BadControl("The account was not connected with this app.")
        sql = "UPDATE tokens SET dead_reason = 'revoked' WHERE grant_id = ? AND client_id = ?"
        store.run(sql, row["grant_id"], client_id)
        user_id = _user_id(row["platform"], person)
        status, body = await self._post(url, _sign_request(secret, user_id, kind))
        return {"url": url, "userId": user_id, "status": status, "body": body}

    async def _post(self, url: str, request: str) -> tuple[int | None, str]:
        session = await self._sandbox.http_client.session()
        try:
            timeout = aiohttp.ClientTimeout(total=RESPONSE_TIMEOUT_SECONDS)
            form = {"signed_request": request}
            async with session.post(url, data=form, allow_redirects=False, timeout=timeout) as response:
                return response.status, (await response.content.read(MAX_SHOWN)).decode("utf-8", "replace")
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
            return None, ""


def _user_id(grants_for: str, person: Account) -> str:
    match grants_for:
        case "facebook":
            return person_id(person)
        case "instagram":
            return person.app_scoped_id
        case _:
            return person.user_id


def _sign_request(secret: str, user_id: str, kind: str) -> str:
    # Receivers compare the instant with their own clock, not with that of the sandbox.
    issued_at = int(time.time())
    expires = {"expires": 0} if kind == DATA_DELETION else {}
    document = {"user_id": user_id, "algorithm": "HMAC-SHA256", **expires, "issued_at": issued_at}
    payload = _base64url(json.dumps(document, separators=(",", ":")).encode())
    return f"{_base64url(hmac.digest(secret.encode(), payload.encode(), hashlib.sha256))}.{payload}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
