"""From cells to painter paths."""
