"""A model, its analysis and its pictures as documents."""
