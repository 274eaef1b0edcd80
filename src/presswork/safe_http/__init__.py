"""Requests to untrusted URLs: media to fetch, webhooks to deliver.

All requests to such URLs use this package: `AddressGuard` checks URLs and addresses, `GuardedTransport` sends one
request under limits, and `GuardedClient` is for many POSTs from one process. Addresses that the operator sets, like
those of platforms and providers, are trusted and don't use this package.
"""
