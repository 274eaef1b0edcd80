"""Reads LinkedIn's webhooks about comments below the posts of pages, and answers the check of their URL.

LinkedIn checks the URL every two hours with a code, and stops sending after three failures. Events come in batches of ten, repeated
for eight hours. Whether the name of the method before the body belongs to what is signed, descriptions disagree; both are accepted.
Source: LinkedIn, "Organization Social Action Notifications" and "Webhook validation" (2026-06), read 2026-12.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from presswork.platforms.inbound_webhooks import ChallengeResponse, CommentHint
from presswork.platforms.json_values import items_of, text_of
from presswork.platforms.linkedin.notation import is_organization, post_in
from presswork.platforms.platform_text import read_json
from presswork.platforms.webhook_signature import Secrets, require_signature, sign

SIGNATURE: Final = "x-li-signature"
_PREFIX: Final = "hmacsha256="
_MAX_CODE: Final = 200
_ABOUT_COMMENTS: Final = frozenset({"COMMENT", "COMMENT_EDIT", "COMMENT_DELETE", "ADMIN_COMMENT"})


class LinkedInCommentReader:
    """The port's `CommentWebhookReader` for LinkedIn."""

    has_verify_token: Final = False

    def __init__(self, secrets: Secrets) -> None:
        """`secrets` returns what may sign: the client secret of the operator's app."""
        self._secrets: Final = secrets

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[CommentHint]:  # noqa: ARG002  it has no time
        """Verify and parse a webhook. Raises NotGenuine."""
        signature = headers.get(SIGNATURE, "").removeprefix(_PREFIX)
        require_signature(signature, [_PREFIX.encode() + body, body], self._secrets, header="X-LI-Signature")
        try:
            document = read_json(body)
        except ValueError:
            return ()
        hints: dict[tuple[str, str | None], CommentHint] = {}
        for one in items_of(document, "notifications") if isinstance(document, dict) else ():
            account, post = (
                text_of(one.get("organizationalEntity")) or "",
                post_in(text_of(one.get("sourcePost")) or ""),
            )
            if one.get("action") in _ABOUT_COMMENTS and is_organization(account):
                hints[account, post] = CommentHint(account=account, posts=() if post is None else (post,))
        return list(hints.values())

    def answer_challenge(
        self,
        query: Mapping[str, str],
        *,
        verify_tokens: Sequence[str] | None = None,  # noqa: ARG002  it has none
    ) -> ChallengeResponse | None:
        """Return the code with its signature, as JSON."""
        code, secrets = query.get("challengeCode", ""), self._secrets()
        if not code or len(code) > _MAX_CODE or not secrets:
            return None
        answer = {"challengeCode": code, "challengeResponse": sign(secrets[0], code.encode())}
        return ChallengeResponse(body=json.dumps(answer), content_type="application/json")
