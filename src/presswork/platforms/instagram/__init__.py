"""Instagram: pictures, reels and carousels of business and creator accounts, by Instagram Login or by Facebook Login."""
