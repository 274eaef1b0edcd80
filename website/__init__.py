"""Builds the documentation site from docs/, the OpenAPI document and the texts of the error codes."""
