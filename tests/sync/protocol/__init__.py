"""The messages and their spellings."""
