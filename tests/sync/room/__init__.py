"""The engines of the server."""
