"""Fixtures of the tests of cascades: logins of the tests of accounts."""

from tests.accounts.conftest import login_flow

__all__ = ["login_flow"]
