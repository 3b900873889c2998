"""Tests of the services: documents, undo, the workspace."""
