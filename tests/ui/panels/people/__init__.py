"""The panel of people, the bar over the diagram, and the value behind both."""
