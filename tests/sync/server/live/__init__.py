"""The live channel over real sockets, against a server in its own process."""
