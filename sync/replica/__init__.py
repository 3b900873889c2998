"""The pure engine of a client: a copy of a model that follows the server while it is being edited."""

from sync.replica.replica import Diverged, Gap, Replica

__all__ = ["Diverged", "Gap", "Replica"]
