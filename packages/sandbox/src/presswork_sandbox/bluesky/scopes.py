"""What an app may do with an account: the scopes of the AT Protocol, as this server reads them.

Source: atproto.com, "Permissions"; bluesky-social/atproto, packages/oauth/oauth-scopes, read 2026-11.
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import parse_qs, unquote

from presswork_sandbox.bluesky.errors import XRPCError

ATPROTO: Final = "atproto"
GENERIC: Final = "transition:generic"
EMAIL: Final = "transition:email"
CHAT: Final = "transition:chat.bsky"
LABELS: Final[Mapping[str, str]] = {
    ATPROTO: "Know who you are on the Atmosphere",
    GENERIC: "Read and publish everything of your account, except direct messages",
    EMAIL: "Read your email address",
    CHAT: "Read and send direct messages",
    "include:app.bsky.authCreatePosts": "Create Bluesky posts",
    "repo:app.bsky.feed.post": "Create, update and delete posts",
    "repo:app.bsky.feed.threadgate": "Decide who can reply to your posts",
    "repo:app.bsky.feed.postgate": "Decide who can quote your posts",
    "blob:*/*": "Upload files of any kind",
}
SERVER_SCOPES: Final = (ATPROTO, EMAIL, GENERIC, CHAT)
"""Of the server's metadata; the others can't be listed."""
PERMISSION_SETS: Final[Mapping[str, Sequence[str]]] = {
    "include:app.bsky.authCreatePosts": [
        f"repo:app.bsky.feed.{name}?action=create" for name in ("post", "postgate", "threadgate")
    ],
}
"""What a permission set stands for. Its calls of the video service need an audience, and are left out here."""
_ACTIONS: Final = ("create", "update", "delete")
_RESOURCES: Final = frozenset({"repo", "blob", "rpc", "account", "identity"})


def is_known(scope: str) -> bool:
    """Return whether this server knows a scope, or the resource that it is for."""
    return scope in SERVER_SCOPES or scope in PERMISSION_SETS or _read(scope)[0] in _RESOURCES


def _read(scope: str) -> tuple[str, str, Mapping[str, Sequence[str]]]:
    """Return the resource of a scope, its positional value ("" if there is none) and its parameters."""
    head, _, query = scope.partition("?")
    resource, _, value = head.partition(":")
    return resource, unquote(value), parse_qs(query, keep_blank_values=True)


class Permissions:
    """What a list of scopes allows."""

    def __init__(self, scopes: Sequence[str]) -> None:
        self._scopes = [part for scope in scopes for part in (scope, *PERMISSION_SETS.get(scope, ()))]

    def require_repo(self, action: str, collection: str) -> None:
        """Raise XRPCError unless records of a collection may be created, updated or deleted."""
        for resource, value, more in map(_read, self._scopes):
            collections = [value] if value else more.get("collection", [])
            actions = more.get("action", _ACTIONS)
            if resource == "repo" and action in actions and {"*", collection} & set(collections):
                return
        self._require_generic(f"repo:{collection}?action={action}")

    def require_blob(self, media_type: str) -> None:
        """Raise XRPCError unless files of a media type may be uploaded."""
        for resource, value, more in map(_read, self._scopes):
            accepted = [value] if value else more.get("accept", [])
            if resource == "blob" and any(fnmatchcase(media_type, pattern) for pattern in accepted):
                return
        self._require_generic(f"blob:{media_type}")

    def require_rpc(self, audience: str, method: str) -> None:
        """Raise XRPCError unless a method of another service may be called."""
        for resource, value, more in map(_read, self._scopes):
            methods = [value] if value else more.get("lxm", [])
            audiences = more.get("aud", [])
            if resource == "rpc" and {"*", method} & set(methods) and {"*", audience} & set(audiences):
                return
        self._require_generic(f"rpc:{method}?aud={audience}")

    @property
    def has_email(self) -> bool:
        """Whether the email address may be read."""
        return EMAIL in self._scopes

    def _require_generic(self, missing: str) -> None:
        if GENERIC not in self._scopes:
            raise XRPCError("ScopeMissingError", f'Missing required scope "{missing}"')
