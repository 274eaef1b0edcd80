"""Builds the documentation site from docs/, the OpenAPI document and the texts of the error codes."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "sdk"))  # `generator`, which is not installed
