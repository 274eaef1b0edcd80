"""What a webhook tells, by its type.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

from presswork_client._model import Model

WebhookEvent: TypeAlias = Model
"""One of the events; `type` tells which."""

BY_TYPE: Final[Mapping[str, type[Model]]] = {}
"""Which model an event of a type is."""
