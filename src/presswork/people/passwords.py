"""Hash and check passwords with argon2id, beside the event loop and a few at a time.

The users of one e-mail address, in several organizations, share a salt: checking a password against all of them is one
computation, as for an address that has no user. So the time of a response says nothing about an address.
"""

import asyncio
import base64
import hmac
import os
from collections.abc import Sequence
from typing import Final

from argon2 import extract_parameters
from argon2.low_level import ARGON2_VERSION, Type, hash_secret

from presswork.core.errors import Unavailable

_MEMORY_KIB: Final = 19 * 1024
_ROUNDS: Final = 2
_LANES: Final = 1
"""Source: OWASP Password Storage Cheat Sheet, Argon2id, read 2026-11."""
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
_AT_ONCE: Final = 2
_MAX_WAITING: Final = 50


class Passwords:
    """The computations of one process. At most two run at once: each needs 19 MiB."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._unknown = _make_unmatched_hash()

    async def hash(self, password: str, *, beside: str | None = None) -> str:
        """Return the encoded hash of a password; `beside` is the hash of another user with the same e-mail address.

        Raises Unavailable if too many passwords wait.
        """
        salt = _salt_of(beside) if beside is not None and _is_current(beside) else os.urandom(_SALT_BYTES)
        return await self._compute(password, salt)

    async def matching(self, password: str, hashes: Sequence[str]) -> set[int]:
        """Return the positions of the hashes that are of this password. Does the same work without any hash.

        Raises Unavailable if too many passwords wait.
        """
        groups: dict[str, str] = {text.rpartition("$")[0]: text for text in hashes} or {"": self._unknown}
        found: set[int] = set()
        for head, model in groups.items():
            computed = await self._compute(password, _salt_of(model), like=model)
            found |= {
                place
                for place, text in enumerate(hashes)
                if text.startswith(f"{head}$") and hmac.compare_digest(text, computed)
            }
        return found

    async def _compute(self, password: str, salt: bytes, *, like: str | None = None) -> str:
        if self._waiting >= _MAX_WAITING:
            raise Unavailable("Too many people sign in at the moment. Try again in a few seconds.", retryAfterSeconds=5)
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(_encode, password.encode("utf-8", "surrogatepass"), salt, like)
        finally:
            self._waiting -= 1


def _encode(password: bytes, salt: bytes, like: str | None = None) -> str:
    """Return an encoded hash, with the parameters of another one or with the current ones."""
    memory, rounds, lanes, length = _MEMORY_KIB, _ROUNDS, _LANES, _HASH_BYTES
    if like is not None:
        former = extract_parameters(like)
        memory, rounds, lanes, length = former.memory_cost, former.time_cost, former.parallelism, former.hash_len
    return hash_secret(password, salt, rounds, memory, lanes, length, Type.ID).decode("ascii")


def _make_unmatched_hash() -> str:
    """Return an encoded hash that no password has: its last part is no result of a computation."""
    salt, digest = (base64.b64encode(os.urandom(size)).decode().rstrip("=") for size in (_SALT_BYTES, _HASH_BYTES))
    return f"$argon2id$v={ARGON2_VERSION}$m={_MEMORY_KIB},t={_ROUNDS},p={_LANES}${salt}${digest}"


def _is_current(encoded: str) -> bool:
    found = extract_parameters(encoded)
    return (found.memory_cost, found.time_cost, found.parallelism) == (_MEMORY_KIB, _ROUNDS, _LANES)


def _salt_of(encoded: str) -> bytes:
    """Return the salt of an encoded hash: $argon2id$v=…$m=…,t=…,p=…$salt$hash."""
    text = encoded.split("$")[4]
    return base64.b64decode(text + "=" * (-len(text) % 4))
