"""Replicas of a model and the server that orders their operations."""
