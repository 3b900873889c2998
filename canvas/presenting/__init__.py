"""A diagram as it is presented: on a large screen, with a spotlight and nothing to edit."""
