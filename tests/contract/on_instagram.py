"""Instagram for contract tests: the connector against the sandbox, and posts to drive."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue
from tests.clocks import JumpingClock
from tests.contract.control import SandboxControl
from tests.contract.job import Convert, End, MediaHost, MemoryJob, Sample, drive

from presswork.platforms.port import Grant, MediaType, Mode, Platform, PostOptions, RetryPolicy, TargetAccount

REDIRECT = "http://localhost:8000/oauth/callback/a"
CAPTION = "Fresh from the press — #paper, crème brûlée & 🗞️"
CONNECTED_FOR = timedelta(hours=25)
"""Instagram refreshes no token that is younger than a day."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the sandbox and its value."""

    name: str
    value: JsonValue = None

    def __str__(self) -> str:
        """Return a short name for the test's id."""
        if isinstance(self.value, dict) and "code" in self.value:
            return f"{self.name}-{self.value['code']}-{self.value.get('subcode', '')}"
        return self.name

    def more(self, times: int, **other: JsonValue) -> dict[str, JsonValue]:
        """Return the parameters that arm it, beyond operation and name."""
        value: dict[str, JsonValue] = {} if self.value is None else {"value": self.value}
        return {"times": times, **value, **other}


def code(number: int, subcode: int | None = None) -> Fault:
    """Return an error by Graph."""
    value: dict[str, JsonValue] = {"code": number}
    if subcode is not None:
        value["subcode"] = subcode
    return Fault("platform_error", value)


PASSING: Sequence[Fault] = (
    Fault("latency", {"ms": 20}),
    Fault("http_500"),
    Fault("html_502"),
    Fault("malformed_json"),
    Fault("drop_before_effect"),
    Fault("drop_after_effect"),
    code(1),
    code(2),
    code(-1, 2207001),
    code(4),
    code(17),
    code(32),
    code(613),
    code(80002, 2446079),
)
LOST = [
    Fault("drop_after_effect"),
    Fault("drop_before_effect"),
    Fault("http_500"),
    Fault("html_502"),
    Fault("malformed_json"),
]
LASTING: Sequence[Fault] = (
    Fault("token_expired"),
    Fault("stuck_processing"),
    Fault("media_error"),
    code(4, 2207051),
    code(10),
    code(24, 2207006),
    code(24, 2207008),
    code(25, 2207050),
    code(100),
    code(100, 33),
    code(190, 460),
    code(9007, 2207027),
    code(9004, 2207052),
    code(9, 2207042),
    code(4711),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnInstagram:
    """The set-up of a test that publishes on the sandbox's Instagram."""

    sandbox: SandboxControl
    platform: Platform
    open_platform: Callable[[RetryPolicy], Platform]
    """Opens the same platform with another retry policy."""
    clock: JumpingClock
    host: MediaHost
    retry_policy: RetryPolicy
    convert: Convert | None = None

    def without(self, *words: str) -> list[JsonValue]:
        """Return the permissions that the login requests, except those with one of these words in their name."""
        scopes = {*self.platform.required_scopes[Mode.PUBLISH], *self.platform.comment_scopes, "pages_show_list"}
        return [scope for scope in sorted(scopes) if not any(word in scope for word in words)]

    async def connect(self, handle: str) -> Grant:
        """Connect an account through the real authorize page."""
        login = self.platform.login
        code = await self.sandbox.code(
            login.authorize_url(redirect_uri=REDIRECT, state="st_1", verifier="v"), account=handle
        )
        return await login.connect(code=code, redirect_uri=REDIRECT, verifier="v", now=self.clock.now())

    async def job(
        self,
        samples: Sample | Sequence[Sample],
        *,
        handle: str = "brand",
        caption: str = CAPTION,
        options: PostOptions | None = None,
        grant: Grant | None = None,
        can_refresh: bool = True,
    ) -> MemoryJob:
        """Return a post to a connected account; the media type follows from the media."""
        grant = grant or await self.connect(handle)
        items = [samples] if isinstance(samples, Sample) else list(samples)
        media_type = MediaType.MULTI if len(items) > 1 else MediaType.IMAGE
        if items[0].media.is_video:
            media_type = MediaType.VIDEO
        return MemoryJob(
            account=TargetAccount(
                id=items[0].media.asset_id, external_id=grant.external_id, handle=grant.handle, scopes=grant.scopes
            ),
            samples=items,
            media_type=media_type,
            caption=caption,
            tokens=grant.tokens,
            clock=self.clock,
            host=self.host,
            login=self.platform.login if can_refresh else None,
            convert=self.convert,
            options=options or PostOptions(),
        )

    async def drive(self, job: MemoryJob) -> End:
        """Drive a post to its end."""
        return await drive(self.platform.connector, job, self.retry_policy)

    async def live(self, handle: str = "brand") -> list[dict[str, JsonValue]]:
        """Return the live posts of a handle."""
        return await self.sandbox.posts("instagram", handle)

    async def fault(self, operation: str, fault: str, **more: JsonValue) -> None:
        """Arm a fault."""
        await self.sandbox.fault("instagram", operation, fault, **more)
