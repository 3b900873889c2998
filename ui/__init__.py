"""Windows, panels, dialogs and themes."""
