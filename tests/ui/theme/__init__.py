"""Tests of ui.theme."""
