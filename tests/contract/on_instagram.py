"""Instagram for contract tests."""

from tests.contract.on_graph import CAPTION as CAPTION
from tests.contract.on_graph import CONNECTED_FOR as CONNECTED_FOR
from tests.contract.on_graph import LASTING as LASTING
from tests.contract.on_graph import PASSING as PASSING
from tests.contract.on_graph import REDIRECT as REDIRECT
from tests.contract.on_graph import OnGraph

OnInstagram = OnGraph
"""The set-up of a test that publishes on the sandbox's Instagram."""
