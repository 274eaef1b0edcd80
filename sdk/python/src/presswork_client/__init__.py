"""The Python client of Presswork.

from presswork_client import Presswork, Target

presswork = Presswork()  # PRESSWORK_API_KEY, PRESSWORK_BASE_URL
done = presswork.publishing.publish_files(
    "spring.mp4",
    project_id="prj_…",
    caption="Spring is here",
    targets=[Target(social_account_id="sa_…", mode="publish")],
    wait=True,
)
print(done.posts[0].status, done.posts[0].sandbox_url or done.posts[0].external_url)
"""

import importlib as _importlib
import typing as _typing

from presswork_client import choices as choices
from presswork_client import errors as errors
from presswork_client import params as params
from presswork_client._generated.errors import *  # noqa: F403  one class per error code
from presswork_client._not_given import NOT_GIVEN as NOT_GIVEN
from presswork_client._not_given import NotGiven as NotGiven
from presswork_client._version import __version__ as __version__
from presswork_client.errors import APIConnectionError as APIConnectionError
from presswork_client.errors import APIStatusError as APIStatusError
from presswork_client.errors import APITimeoutError as APITimeoutError
from presswork_client.errors import InvalidArgumentError as InvalidArgumentError
from presswork_client.errors import InvalidResponseError as InvalidResponseError
from presswork_client.errors import PressworkError as PressworkError
from presswork_client.errors import WaitTimeoutError as WaitTimeoutError
from presswork_client.errors import WebhookVerificationError as WebhookVerificationError
from presswork_client.params import Target as Target
from presswork_client.params import TargetParam as TargetParam

if _typing.TYPE_CHECKING:
    from presswork_client import models as models
    from presswork_client import webhooks as webhooks
    from presswork_client._client import AsyncPresswork as AsyncPresswork
    from presswork_client._client import Presswork as Presswork
    from presswork_client._events import StreamEvent as StreamEvent
    from presswork_client._events import StreamReset as StreamReset
    from presswork_client._files import FileSource as FileSource
    from presswork_client._files import UploadProgress as UploadProgress
    from presswork_client._generated.events import WebhookEvent as WebhookEvent
    from presswork_client._model import Model as Model
    from presswork_client._pages import AsyncPage as AsyncPage
    from presswork_client._pages import AsyncPages as AsyncPages
    from presswork_client._pages import Page as Page
    from presswork_client._publishing import PostFilters as PostFilters
    from presswork_client._publishing import Publication as Publication
    from presswork_client._raw import RawResponse as RawResponse
    from presswork_client._response import ApiResponse as ApiResponse
    from presswork_client._results import InsightsFilters as InsightsFilters
    from presswork_client._transport import DEFAULT_BASE_URL as DEFAULT_BASE_URL
    from presswork_client._usage import UsagePeriod as UsagePeriod
    from presswork_client.models import *  # noqa: F403  the objects that calls return

for _kind in list(globals().values()):
    if isinstance(_kind, type) and issubclass(_kind, PressworkError):
        _kind.__module__ = __name__  # a traceback names the class as users import it
del _kind

_HOMES: _typing.Final = {
    "AsyncPage": "_pages",
    "AsyncPages": "_pages",
    "AsyncPresswork": "_client",
    "ApiResponse": "_response",
    "DEFAULT_BASE_URL": "_transport",
    "FileSource": "_files",
    "InsightsFilters": "_results",
    "Model": "_model",
    "Page": "_pages",
    "Presswork": "_client",
    "PostFilters": "_publishing",
    "Publication": "_publishing",
    "RawResponse": "_raw",
    "StreamEvent": "_events",
    "StreamReset": "_events",
    "UploadProgress": "_files",
    "UsagePeriod": "_usage",
    "WebhookEvent": "_generated.events",
}
"""The modules of the names that are loaded when they are first used, besides those of `models`. The HTTP client and the two hundred
objects take most of the time to import, and a program may need only errors, or the types of parameters.
"""
_SUBMODULES: _typing.Final = ("models", "webhooks")


def __getattr__(name: str) -> object:
    """Load a name of this package when it is first used."""
    if name in _SUBMODULES:
        return _importlib.import_module(f"{__name__}.{name}")
    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "__all__":
        return [one for one in __dir__() if not one.startswith("_")]
    module = _importlib.import_module(f"{__name__}.{_HOMES.get(name, 'models')}")
    if name not in _HOMES and name not in module.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return all names, also those that are not loaded yet."""
    return sorted({*globals(), *_HOMES, *_SUBMODULES, *_importlib.import_module(f"{__name__}.models").__all__})
