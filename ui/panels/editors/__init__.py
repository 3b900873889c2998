"""Editors of single properties: one a kind of field, none a kind of record."""
