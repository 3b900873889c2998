"""The replica and its review."""
