"""The library home: all models at a glance."""
