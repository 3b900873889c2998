"""Other people in a diagram: their cursors, selections, words in the making, and what they changed."""
