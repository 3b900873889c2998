"""The data-flow diagram as a graph: crossings, checks, layout."""
