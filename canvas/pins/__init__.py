"""Comments on the diagram: where each thread shows, and the tool that begins one."""
