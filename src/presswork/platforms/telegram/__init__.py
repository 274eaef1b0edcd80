"""Telegram channels, by a bot that is their administrator: texts, pictures, videos and albums, which no call can read back."""
