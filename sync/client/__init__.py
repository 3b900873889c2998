"""The desktop's way to a server: trust, signing in, the API, and the live channel. No Qt, no services."""
