"""The numbers of live posts and of accounts: taken from their platforms, kept, summed up and shown."""
