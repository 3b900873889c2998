"""The way to a server, against a real one."""
