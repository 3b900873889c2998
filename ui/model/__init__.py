"""The window of one threat model."""
