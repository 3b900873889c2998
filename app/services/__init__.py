"""Use cases: documents, edits, undo, autosave, library."""
