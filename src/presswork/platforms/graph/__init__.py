"""What every Meta platform behind the Graph API shares: calls, responses, errors, logins and signed requests.

It knows no platform: each one passes its `Brand`, with its name and its table of errors.
"""
