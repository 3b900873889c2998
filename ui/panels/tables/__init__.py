"""Registers as tables: threats, assets and all else that a model lists."""
