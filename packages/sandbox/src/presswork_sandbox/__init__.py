"""The fake platforms: Instagram's and TikTok's OAuth and publishing APIs, stateful and offline, over HTTP.

It imports nothing from the rest of Presswork: it is written from the platforms' documentation, so that a mistake in a
connector can't hide in it. Everything it knows is in one SQLite file.
"""
