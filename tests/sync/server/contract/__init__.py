"""What every implementation of a server port must do."""
