"""Which live posts are read, for their numbers and their comments, and when."""
