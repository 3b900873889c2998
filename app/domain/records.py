"""Every kind of record that a threat model is made of, with the rule of each property."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from app.domain import vocabulary as v
from app.domain.fields import (
    Field,
    FieldType,
    OnLoss,
    choice,
    fields_of,
    flag,
    integer,
    number,
    plain,
    reference,
    reference_set,
    text,
    words_set,
)
from app.domain.order import PATTERN as ORDER_PATTERN
from app.domain.values import End, LabelPosition, Point, Size

Name = Annotated[str, text(200, min=1)]
OptionalName = Annotated[str, text(200, title="Name")]
Description = Annotated[str, text(65_535, multiline=True)]
Link = Annotated[str, text(1000, title="Issue link")]
Metadata = Annotated[dict[str, str], plain(FieldType.MAP, 65_535)]
Tags = Annotated[frozenset[str], words_set(100)]
Uri = Annotated[str, text(1000, min=1, title="Address")]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A thing with an id. `extra` holds properties that this version does not know."""

    id: str
    kind: str
    metadata: Metadata = {}
    extra: dict[str, Any] = {}


class ThreatModel(Record, frozen=True, kw_only=True):
    """The model itself; its id is the model's id."""

    kind: str = "threat_model"
    name: Name
    description: Annotated[str, text(2000, multiline=True)] = ""
    threat_model_framework: Annotated[str, choice(v.FRAMEWORKS, title="Framework")] = "STRIDE"
    issue_uri: Link = ""
    status: Annotated[str, text(128, words=v.MODEL_STATUSES)] = ""
    owner: Annotated[str, text(256)] = ""
    reviewer: Annotated[str, text(256)] = ""
    contributors: Annotated[tuple[str, ...], plain(FieldType.LIST, 1000)] = ()
    is_confidential: Annotated[bool, flag("Confidential")] = False
    tags: Tags = frozenset()


class Diagram(Record, frozen=True, kw_only=True):
    """A data-flow diagram; its cells are records of their own."""

    kind: str = "diagram"
    name: Name
    type: Annotated[str, choice((v.DIAGRAM_TYPE,))] = v.DIAGRAM_TYPE
    description: Description = ""
    content: Description = ""
    framework: Annotated[str, text(30, words=v.FRAMEWORKS)] = ""
    order: Annotated[str, text(200, pattern=ORDER_PATTERN)] = ""
    include_in_report: Annotated[bool, flag()] = True


class Cell(Record, frozen=True, kw_only=True):
    """A node or a line of a diagram.

    Nodes have `position` (top left corner) and `size`; data flows and boundary lines have `source`,
    `target` and `vertices`. Everything is in absolute scene units.
    """

    kind: str = "cell"
    diagram_id: Annotated[str, reference("diagram", on_loss=OnLoss.REMOVE, fixed=True)]
    type: Annotated[str, choice(v.CELL_TYPES)]
    form: Annotated[str, choice(v.BOUNDARY_FORMS, fixed=True, cells=(v.TRUST_BOUNDARY,))] = v.BOX
    label: Annotated[str, text(1000, multiline=True, title="Name")] = ""
    position: Annotated[Point, plain(FieldType.POINT)] = Point()
    size: Annotated[Size, plain(FieldType.SIZE)] = Size(120.0, 60.0)
    parent: Annotated[str | None, reference("cell", title="Inside")] = None
    order: Annotated[str, text(200, pattern=ORDER_PATTERN)] = ""
    source: Annotated[End | None, plain(FieldType.END)] = None
    target: Annotated[End | None, plain(FieldType.END)] = None
    vertices: Annotated[tuple[Point, ...], plain(FieldType.POINTS, 1000)] = ()
    routing: Annotated[str, choice(v.ROUTINGS, cells=(v.DATA_FLOW, v.TRUST_BOUNDARY))] = "smooth"
    label_position: Annotated[LabelPosition, plain(FieldType.LABEL_POSITION)] = LabelPosition()
    style: Annotated[dict[str, str], plain(FieldType.MAP, 256)] = {}
    locked: Annotated[bool, flag()] = False
    description: Description = ""
    technology: Annotated[str, text(256)] = ""
    out_of_scope: Annotated[bool, flag("Out of scope")] = False
    out_of_scope_reason: Annotated[str, text(2000, multiline=True)] = ""
    privilege_level: Annotated[str, text(256, cells=(v.PROCESS,))] = ""
    is_web_application: Annotated[bool, flag("Web application", (v.PROCESS,))] = False
    handles_card_payment: Annotated[bool, flag("Handles card payment", (v.PROCESS,))] = False
    handles_goods_or_services: Annotated[bool, flag("Handles goods or services", (v.PROCESS,))] = False
    is_log: Annotated[bool, flag("Is a log", (v.DATASTORE,))] = False
    stores_credentials: Annotated[bool, flag("Stores credentials", (v.DATASTORE,))] = False
    stores_inventory: Annotated[bool, flag("Stores inventory", (v.DATASTORE,))] = False
    is_encrypted: Annotated[bool, flag("Encrypted", (v.DATASTORE, v.DATA_FLOW))] = False
    is_signed: Annotated[bool, flag("Signed", (v.DATASTORE,))] = False
    provides_authentication: Annotated[bool, flag("Provides authentication", (v.EXTERNAL_ENTITY,))] = False
    protocol: Annotated[str, text(256, cells=(v.DATA_FLOW,))] = ""
    authentication: Annotated[str, text(256, cells=(v.DATA_FLOW,))] = ""
    is_public_network: Annotated[bool, flag("Over a public network", (v.DATA_FLOW,))] = False
    is_bidirectional: Annotated[bool, flag("Both directions", (v.DATA_FLOW,))] = False
    data_assets: Annotated[
        frozenset[str], reference_set("asset", cells=(v.DATA_FLOW, v.DATASTORE, v.PROCESS))
    ] = frozenset()
    tags: Tags = frozenset()

    @property
    def is_line(self) -> bool:
        """Whether the cell runs from a source to a target instead of having a box."""
        return self.type == v.DATA_FLOW or (self.type == v.TRUST_BOUNDARY and self.form == v.LINE)

    @property
    def is_flow(self) -> bool:
        """Whether the cell is a data flow."""
        return self.type == v.DATA_FLOW

    @property
    def is_boundary(self) -> bool:
        """Whether the cell is a trust boundary, box or line."""
        return self.type == v.TRUST_BOUNDARY

    @property
    def can_contain(self) -> bool:
        """Whether other cells may have this one as their parent."""
        return self.type == v.TRUST_BOUNDARY and self.form == v.BOX

    @property
    def can_connect(self) -> bool:
        """Whether a flow may start or end here."""
        return not self.is_line


class Threat(Record, frozen=True, kw_only=True):
    """A threat, linked to a cell, a diagram or an asset, or to the model alone."""

    kind: str = "threat"
    name: Annotated[str, text(1000, min=1)]
    description: Description = ""
    threat_type: Annotated[str, text(256, title="Type")] = "Unspecified"
    severity: Annotated[str, text(50, words=v.SEVERITIES)] = ""
    likelihood: Annotated[str, text(50, words=v.LIKELIHOODS)] = ""
    risk_level: Annotated[str, text(50, words=v.SEVERITIES)] = ""
    score: Annotated[float | None, number(0.0, 10.0)] = None
    priority: Annotated[str, text(256, words=v.PRIORITIES)] = "Medium"
    mitigated: Annotated[bool, flag()] = False
    status: Annotated[str, text(256, words=v.THREAT_STATUSES)] = "Active"
    mitigation: Description = ""
    issue_uri: Link = ""
    framework: Annotated[str, text(30, words=v.FRAMEWORKS)] = ""
    number: Annotated[int | None, integer(0, 2**31 - 1)] = None
    diagram_id: Annotated[str | None, reference("diagram", title="Diagram")] = None
    cell_id: Annotated[str | None, reference("cell", title="Element")] = None
    asset_id: Annotated[str | None, reference("asset", title="Asset")] = None
    cwe_ids: Annotated[frozenset[str], words_set(50, title="CWE")] = frozenset()
    cvss: Annotated[tuple[str, ...], plain(FieldType.LIST, 10)] = ()
    include_in_report: Annotated[bool, flag()] = True
    tags: Tags = frozenset()


class Mitigation(Record, frozen=True, kw_only=True):
    """A measure against any number of threats, with a state of its own."""

    kind: str = "mitigation"
    name: Annotated[str, text(1000, min=1)]
    description: Description = ""
    status: Annotated[str, text(128, words=v.MITIGATION_STATUSES)] = "Proposed"
    owner: Annotated[str, text(256)] = ""
    due_date: Annotated[str, text(10, pattern=r"(\d{4}-\d{2}-\d{2})?")] = ""
    effort: Annotated[str, text(128)] = ""
    issue_uri: Link = ""
    threats: Annotated[frozenset[str], reference_set("threat")] = frozenset()
    tags: Tags = frozenset()


class Asset(Record, frozen=True, kw_only=True):
    """Something worth protecting."""

    kind: str = "asset"
    name: Name
    description: Description = ""
    type: Annotated[str, choice(v.ASSET_TYPES)] = "data"
    criticality: Annotated[str, text(128)] = ""
    classification: Annotated[frozenset[str], words_set(50)] = frozenset()
    sensitivity: Annotated[str, text(128)] = ""


class Document(Record, frozen=True, kw_only=True):
    """A document elsewhere that the model refers to."""

    kind: str = "document"
    name: Name
    uri: Uri
    description: Description = ""


class Note(Record, frozen=True, kw_only=True):
    """A note in Markdown."""

    kind: str = "note"
    name: Name
    content: Annotated[str, text(262_144, min=1, multiline=True)]
    description: Description = ""


class Repository(Record, frozen=True, kw_only=True):
    """A repository of source code."""

    kind: str = "repository"
    name: OptionalName = ""
    uri: Uri
    description: Description = ""
    type: Annotated[str, choice(v.REPOSITORY_TYPES)] = "git"
    parameters: Annotated[dict[str, str], plain(FieldType.MAP, 1000)] = {}


class Assumption(Record, frozen=True, kw_only=True):
    """Something taken for granted, or an open question."""

    kind: str = "assumption"
    name: Annotated[str, text(1000, min=1)]
    description: Description = ""
    status: Annotated[str, text(128, words=("Open", "Confirmed", "Rejected"))] = "Open"
    cells: Annotated[frozenset[str], reference_set("cell")] = frozenset()
    threats: Annotated[frozenset[str], reference_set("threat")] = frozenset()
    tags: Tags = frozenset()


class Comment(Record, frozen=True, kw_only=True):
    """A remark in a thread, pinned to an element, a threat or a place."""

    kind: str = "comment"
    text: Annotated[str, text(65_535, min=1, multiline=True)]
    author: Annotated[str, text(256)] = ""
    written_at: Annotated[str, text(40)] = ""
    reply_to: Annotated[str | None, reference("comment")] = None
    diagram_id: Annotated[str | None, reference("diagram")] = None
    cell_id: Annotated[str | None, reference("cell")] = None
    threat_id: Annotated[str | None, reference("threat")] = None
    position: Annotated[Point, plain(FieldType.POINT)] = Point()
    resolved: Annotated[bool, flag()] = False


class Task(Record, frozen=True, kw_only=True):
    """Something to do."""

    kind: str = "task"
    name: Annotated[str, text(1000, min=1)]
    description: Description = ""
    status: Annotated[str, text(128, words=("Open", "In progress", "Done"))] = "Open"
    assignee: Annotated[str, text(256)] = ""
    due_date: Annotated[str, text(10, pattern=r"(\d{4}-\d{2}-\d{2})?")] = ""
    cell_id: Annotated[str | None, reference("cell")] = None
    threat_id: Annotated[str | None, reference("threat")] = None
    tags: Tags = frozenset()


class SavedView(Record, frozen=True, kw_only=True):
    """A place of a diagram to come back to, and a step of a presentation.

    `width` and `height` say how much of the diagram was in sight, in scene units, so that as much of it
    is in sight on a screen of any size. Nothing is required: files from before hold views of little.
    """

    kind: str = "saved_view"
    name: OptionalName = ""
    order: Annotated[str, text(200, pattern=ORDER_PATTERN)] = ""
    diagram_id: Annotated[str | None, reference("diagram", on_loss=OnLoss.REMOVE, title="Diagram")] = None
    centre: Annotated[Point, plain(FieldType.POINT)] = Point()
    zoom: Annotated[float, number(0.05, 8.0)] = 1.0
    width: Annotated[float | None, number(1.0, 1_000_000.0)] = None
    height: Annotated[float | None, number(1.0, 1_000_000.0)] = None
    spotlight: Annotated[str | None, reference("cell", title="Spotlight")] = None


class Unknown(Record, frozen=True, kw_only=True):
    """A record of a kind that this version does not know: kept in `extra` and passed on."""


RECORD_TYPES: Final[Mapping[str, type[Record]]] = {
    "threat_model": ThreatModel,
    "diagram": Diagram,
    "cell": Cell,
    "threat": Threat,
    "mitigation": Mitigation,
    "asset": Asset,
    "document": Document,
    "note": Note,
    "repository": Repository,
    "assumption": Assumption,
    "comment": Comment,
    "task": Task,
    "saved_view": SavedView,
}
KIND_OF: Final[Mapping[type[Record], str]] = {cls: kind for kind, cls in RECORD_TYPES.items()}
KIND_NAMES: Final[Mapping[str, str]] = {kind: kind.replace("_", " ").capitalize() for kind in RECORD_TYPES}


def record_type(kind: str) -> type[Record]:
    """The class of a kind; `Unknown` for kinds of later versions."""
    return RECORD_TYPES.get(kind, Unknown)


def fields_of_kind(kind: str) -> Mapping[str, Field]:
    """Property name to field of a kind; only `metadata` for unknown kinds."""
    return fields_of(record_type(kind))


def title_of(record: Record) -> str:
    """What a person would call the record, on one line; empty when it has no name."""
    name = getattr(record, "label", None) or getattr(record, "name", None)
    if name is None:
        name = record.extra.get("name", "") or getattr(record, "text", "")
    return " ".join(str(name).split())
