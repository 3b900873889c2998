"""Libraries of every past version, opened by this one."""
