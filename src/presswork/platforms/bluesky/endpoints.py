"""Bluesky's URLs: the server where logins begin, the directory of accounts, the video service, and links to posts.

An account's own server (its PDS) is not among them: it is found in the account's DID document, which its owner controls.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_LIVE: Final = "https://bsky.social"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base URLs, without a slash at the end; for test projects all but the last are the sandbox's."""

    entryway: str = _LIVE
    """The server where logins begin: Bluesky's own, or the operator's PDS."""
    directory: str = "https://plc.directory"
    """The directory of `did:plc` documents."""
    video: str = "https://video.bsky.app"
    links: str = "https://bsky.app"
    """Prefix of links to posts: the real site in every environment, since a link is part of the API's response."""

    def is_trusted(self, url: str) -> bool:
        """Whether the operator's settings name the server of a URL, whatever its scheme: a proxy may end TLS before a sandbox.

        Every other server is called through the guard against addresses of the operator's own network.
        """
        try:
            host = urlsplit(url).netloc.lower()
        except ValueError:
            return False
        return host in {urlsplit(base).netloc.lower() for base in (self.entryway, self.directory, self.video)}

    def accepts_server(self, url: str) -> bool:
        """Whether a server named in a DID document may be called: over TLS, at an address without a query or user name.

        A server that the settings name may be called as they are: the sandbox has no TLS.
        """
        try:
            parts = urlsplit(url)
            has_extras = bool(parts.query or parts.fragment or parts.username or parts.password)
            is_host = bool(parts.hostname)
        except ValueError:
            return False
        if has_extras or not is_host or parts.scheme not in ("http", "https"):
            return False
        return self.is_trusted(url) or (parts.scheme == "https" and parts.path in ("", "/"))

    def document_of(self, did: str) -> str | None:
        """Return the URL of an account's DID document; None for a method of DIDs that Bluesky does not use."""
        method, _, name = did.removeprefix("did:").partition(":")
        if method == "plc":
            return f"{self.directory}/{did}"
        if method == "web" and name and not set(name) & set("/?#@\\"):
            return f"https://{name.replace('%3A', ':').replace('%3a', ':')}/.well-known/did.json"
        return None

    def post(self, profile: str, rkey: str) -> str:
        """Return the public URL of a post; `profile` is the account's handle or its DID."""
        return f"{self.links}/profile/{profile}/post/{rkey}"


def service_did(server: str) -> str:
    """Return the DID of a PDS, as the audience of a service token: its host's.

    A sandbox serves each host as a path, so the last segment of the path names the host there.
    """
    parts = urlsplit(server)
    host = parts.path.rstrip("/").rpartition("/")[2] or parts.netloc
    return f"did:web:{host.replace(':', '%3A')}"
