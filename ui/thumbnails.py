"""The picture of a model in the library: its first diagram that has something to show."""

from app.services.document import Document
from app.services.workspace import Workspace
from canvas.pictures import thumbnail_svg


def keep_thumbnail(workspace: Workspace, document: Document) -> None:
    """Paint the model's picture and hand it to the library; never waits for the disk."""
    library = workspace.library
    if library.read_only:
        return
    for diagram in document.state.diagrams():
        svg = thumbnail_svg(document.state, diagram.id)
        library.set_thumbnail(document.model_id, diagram.id, svg, document.sequence_number)
        if svg:
            break
