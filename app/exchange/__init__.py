"""Foreign files to a model and a report of the import; a model out again."""
