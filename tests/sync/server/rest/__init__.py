"""The REST resources over a real server."""
