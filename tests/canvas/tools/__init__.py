"""The parts of the tools that need no window."""
