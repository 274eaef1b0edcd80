"""Twilio's Messages API: text messages made, listed, moved on to the phone, and reported by status callbacks."""
