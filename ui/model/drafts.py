"""Unfinished texts that outlived the window in which they were typed."""

from typing import NamedTuple

from app.services.document import Document


class Draft(NamedTuple):
    """A text that was being typed into a property when the program ended."""

    key: str
    record_id: str
    prop: str
    text: str


def unfinished(document: Document) -> list[Draft]:
    """The drafts that say something else than the model does; those that say the same are dropped."""
    found = []
    for key, text in tuple(document.drafts.items()):
        record_id, _, prop = key.partition(".")
        record = document.state.get(record_id)
        if record is not None and getattr(record, prop, None) == text:
            document.keep_draft(key, "")
        else:
            found.append(Draft(key, record_id, prop, text))
    return found
