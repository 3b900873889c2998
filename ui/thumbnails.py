"""The picture of a model in the library: its first diagram that has something to show."""

from app.ports import Library
from app.services.document import Document
from canvas.pictures import thumbnail_svg


def keep_thumbnail(library: Library, document: Document) -> None:
    """Paint the model's picture and hand it to the library; never waits for the disk."""
    if library.read_only:
        return
    for diagram in document.state.diagrams():
        svg = thumbnail_svg(document.state, diagram.id)
        library.set_thumbnail(document.model_id, diagram.id, svg, document.sequence_number)
        if svg:
            break
