"""What is painted over a diagram while it is worked on: handles, guides, bands, hints."""
