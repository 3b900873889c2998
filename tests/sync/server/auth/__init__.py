"""Tests of identity, against a real store and a real server on loopback."""
