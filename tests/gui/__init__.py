"""Real windows, driven by mouse and keyboard."""
