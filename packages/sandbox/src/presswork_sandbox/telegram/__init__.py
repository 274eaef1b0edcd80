"""Telegram: bots that are administrators of channels, what they send there, and the updates that they get."""
