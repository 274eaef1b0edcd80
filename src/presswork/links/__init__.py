"""Links to pages without a login: review, portal, connect and TikTok posting links."""
