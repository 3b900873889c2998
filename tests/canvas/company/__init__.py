"""The canvas, tested against a real scene."""
