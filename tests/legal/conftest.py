"""Fixtures of the tests about legal pages."""

from tests.accounts.conftest import login_flow as login_flow
from tests.worker.conftest import worker_world as worker_world
