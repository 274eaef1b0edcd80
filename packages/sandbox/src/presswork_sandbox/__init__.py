"""Fake platforms over HTTP, stateful and offline: the OAuth and publishing APIs of eleven platforms, text messages, a provider.

The package imports nothing from presswork. It is written from the platforms' documentation, so that an error in a client
can't be repeated here. All of its state is in one SQLite file.
"""

__version__ = "0.1.0"
