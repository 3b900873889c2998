"""Dialogs, only where something leaves the machine or cannot be undone."""
