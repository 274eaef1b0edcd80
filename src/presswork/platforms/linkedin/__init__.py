"""LinkedIn, by its Posts API: posts of members and of pages."""
