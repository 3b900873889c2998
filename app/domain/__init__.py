"""The domain: records, patches and what they do to a model. Plain values, no I/O."""
