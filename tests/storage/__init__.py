"""Tests of the library on disk."""
