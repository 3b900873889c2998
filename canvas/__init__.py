"""A diagram on a QGraphicsScene: drawing, editing, pictures."""
