"""Windows in a session over a real server, in one process."""
