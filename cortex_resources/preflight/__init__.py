"""Questions asked of the account before anything changes."""
