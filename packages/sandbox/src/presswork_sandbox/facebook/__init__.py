"""Instagram with Facebook Login: the dialog, tokens of people and Pages, the Graph API on graph.facebook.com, uploads."""
