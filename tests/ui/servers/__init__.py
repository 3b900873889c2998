"""Words about servers, without windows."""
