"""Edits: pure functions from a state and a wish to the patch that fulfils it.

They write nothing. A tool stages the patch for its preview and applies the same patch on release, so
that the preview equals the result.
"""

from app.domain.edits.arrange import align, distribute, restack, same_size
from app.domain.edits.clipboard import Clip, copy_cells, decode_clip, duplicate, encode_clip, paste_cells
from app.domain.edits.connect import (
    connect,
    create_line,
    reconnect,
    reverse,
    set_label_position,
    set_vertices,
)
from app.domain.edits.containers import container_for
from app.domain.edits.move import move_cells, moved_cell, moving_cells, reach, resize_cell, resize_cells
from app.domain.edits.nodes import create_node, set_type, wrap_in_boundary
from app.domain.edits.properties import remove_records, set_metadata, set_property, top_order

__all__ = [
    "Clip",
    "align",
    "connect",
    "container_for",
    "copy_cells",
    "create_line",
    "create_node",
    "decode_clip",
    "distribute",
    "duplicate",
    "encode_clip",
    "move_cells",
    "moved_cell",
    "moving_cells",
    "paste_cells",
    "reach",
    "reconnect",
    "remove_records",
    "resize_cell",
    "resize_cells",
    "restack",
    "reverse",
    "same_size",
    "set_label_position",
    "set_metadata",
    "set_property",
    "set_type",
    "set_vertices",
    "top_order",
    "wrap_in_boundary",
]
