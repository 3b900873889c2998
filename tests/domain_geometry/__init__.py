"""The geometry of diagrams."""
