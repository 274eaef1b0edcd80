"""TikTok: Login Kit's consent and tokens, and the Content Posting API, version 2."""
