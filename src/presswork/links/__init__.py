"""Links to pages without a login: review, connect and TikTok posting links."""
