"""Benchmarks, each printing JSON lines."""
