"""Random schedules through room and store, and the rules that must hold after each."""
