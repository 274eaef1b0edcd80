"""The version of this package; it goes along with each call."""

__version__ = "0.1.0"
