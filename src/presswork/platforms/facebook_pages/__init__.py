"""Facebook: pictures, videos and reels of Pages."""
