"""Windows about servers: adding them, signing in, their models, inviting, joining, hosting."""
