"""The export of a project's data: one ZIP of JSON lines, made by a worker and downloaded by a signed link."""
