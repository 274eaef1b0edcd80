"""What differs between the platforms that publish by containers: the names of calls and fields, and the codes of a lost one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from presswork.platforms.api_client import ErrorMeaning
from presswork.platforms.port import TargetAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerApi:
    """How one platform creates, reports and publishes containers."""

    node: Callable[[TargetAccount], str]
    """The path of the account, to which the names of calls are added."""
    create: str
    """The call that creates a container, such as `media`; also the name of the step."""
    publish: str
    """The call that makes one live."""
    meaning_of_status: Callable[[str], tuple[ErrorMeaning, str | None]]
    """Returns the meaning of a container's explanation of an error, and the platform's code for it."""
    id_field: str = "id"
    """The field with the container's id in the response to `create`."""
    status_field: str = ""
    """The field of a container with its `StatusCode`. Empty: it is read in another way, see `ReadStatus`."""
    message_field: str = ""
    """The field of a container that explains an error."""
    lost: frozenset[int] = frozenset()
    """Subcodes with which `publish` reports that it does not find a container."""
    lost_tries: int = 0
    """How often such a container is published again while it can be read as finished, before another one is created."""
    lost_pause: timedelta = timedelta()
    not_ready: int | None = None
    """The subcode with which `publish` reports that a container is not finished."""
    unsure_calls: int = 5
    """Calls of `publish` with an ambiguous response, each read as without effect, before the post ends."""
    is_witness: bool = True
    """Whether a container that is read as unpublished for long enough proves that no call had an effect. Otherwise a post
    that was called for more than once, or whose last call ended differently, ends as unknown."""
    published_before: ErrorMeaning | None = None
    """The error with which `publish` reports that an earlier call published this container."""
    too_many: tuple[int, str] | None = None
    """The subcode with which `create` reports that the account has created too many, and the sentence for it."""

    def path(self, account: TargetAccount, call: str) -> str:
        """Return the path of a call of the account."""
        return f"{self.node(account)}/{call}"
