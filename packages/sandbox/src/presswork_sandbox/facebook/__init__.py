"""Facebook: the dialog, tokens of people and Pages, the Graph API on graph.facebook.com for Pages and for Instagram, uploads."""
