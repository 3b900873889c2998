"""Windows about servers, on the loop of the windows, over a real server."""
