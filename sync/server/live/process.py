"""What the process needs so that threads which write do not hold up the loop that everybody waits for."""

import gc
import sys
from typing import Final

# The loop gives up the interpreter whenever it waits for sockets; with the usual 5 ms it would then wait
# that long for it while a thread prepares a transaction or a snapshot.
SWITCH_SECONDS: Final = 0.0005
# Young objects before a collection. What lives on is records and queues, none of it in cycles.
YOUNG: Final = 50_000


def prepare_process() -> None:
    """Set the interpreter up for serving: once, when everything is imported."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 100)
