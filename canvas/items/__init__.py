"""One graphics item a cell."""
