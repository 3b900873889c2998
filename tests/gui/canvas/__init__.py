"""The canvas, driven by mouse and keyboard."""
