"""What hands do to a diagram: a state machine of gestures, one state a file."""
