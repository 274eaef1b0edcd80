"""The reference pages name everything that the code has, and nothing that it has not."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

import click
import pytest
import typer
from fastapi.routing import APIRoute
from tests.docs.pages import DOCS

from presswork.accounts.model import LoginFailure
from presswork.accounts.readiness import NotReady
from presswork.cli.main import COMMANDS
from presswork.content.model import ContainerStatus
from presswork.errors import STATUS, Code
from presswork.http.app import API_ROUTES
from presswork.orgs.model import Scope
from presswork.orgs.rates import LIMITS, RateClass, Tier
from presswork.platforms.errors import FailureCode
from presswork.posts.model import Event, FirstCommentStatus, Status
from presswork.settings import PREFIX, Settings
