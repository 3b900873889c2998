"""Live collaboration: the protocol and the engines that speak it."""
