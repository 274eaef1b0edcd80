"""TikTok, by its Content Posting API: videos and photo posts, published or as drafts for their creator."""
