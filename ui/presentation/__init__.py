"""Presenting a model: one saved view after another on a whole screen."""
