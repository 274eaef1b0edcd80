"""Managed distribution: a provider publishes the posts. The protocol: docs/provider-protocol.md."""

from presswork.platforms.managed.connector import ManagedConnector as ManagedConnector
from presswork.platforms.managed.responses import Dispatch as Dispatch
from presswork.platforms.managed.responses import read_dispatch as read_dispatch
from presswork.platforms.managed.setup import managed_channel as managed_channel
