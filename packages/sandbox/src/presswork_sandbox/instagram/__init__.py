"""Instagram with Instagram Login: the consent page, the token endpoints and the Graph API for publishing."""
