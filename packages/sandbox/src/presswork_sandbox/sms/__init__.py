"""Twilio's Messages API: text messages created, listed, delivered, and reported by status callbacks."""
