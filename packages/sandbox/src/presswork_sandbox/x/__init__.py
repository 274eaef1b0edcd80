"""X: the login with its rotating tokens, chunked uploads, posts that cost money, and what others see of them."""
