"""The commands that call the API of a running server; they need no database."""
