"""Starting and ending the real program."""
