"""How a library of every earlier version becomes one of this version."""
