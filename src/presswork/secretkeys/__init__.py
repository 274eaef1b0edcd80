"""Secret keys over time: which one leads, who has which, and moving what is sealed from one to the next."""
