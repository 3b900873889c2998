"""The words of the field: frameworks, kinds of element, states, and what applies to what."""

from typing import Final

PROCESS: Final = "process"
DATASTORE: Final = "datastore"
EXTERNAL_ENTITY: Final = "external_entity"
TRUST_BOUNDARY: Final = "trust_boundary"
DATA_FLOW: Final = "data_flow"
TEXT: Final = "text"

CELL_TYPES: Final = (PROCESS, DATASTORE, EXTERNAL_ENTITY, TRUST_BOUNDARY, DATA_FLOW, TEXT)
NODE_TYPES: Final = (PROCESS, DATASTORE, EXTERNAL_ENTITY, TRUST_BOUNDARY, TEXT)
ELEMENT_TYPES: Final = (PROCESS, DATASTORE, EXTERNAL_ENTITY)
BOX: Final = "box"
LINE: Final = "line"
BOUNDARY_FORMS: Final = (BOX, LINE)
CELL_TYPE_NAMES: Final = {
    PROCESS: "Process",
    DATASTORE: "Store",
    EXTERNAL_ENTITY: "External entity",
    TRUST_BOUNDARY: "Trust boundary",
    DATA_FLOW: "Data flow",
    TEXT: "Text",
}
DEFAULT_SIZES: Final = {
    PROCESS: (120.0, 120.0),
    DATASTORE: (160.0, 70.0),
    EXTERNAL_ENTITY: (140.0, 70.0),
    TRUST_BOUNDARY: (360.0, 260.0),
    TEXT: (180.0, 40.0),
}
ROUTINGS: Final = ("smooth", "straight", "orthogonal")
PORTS: Final = ("top", "right", "bottom", "left")

FRAMEWORKS: Final = ("CIA", "STRIDE", "LINDDUN", "DIE", "PLOT4ai")
DIAGRAM_TYPE: Final = "DFD-1.0.0"
ROLES: Final = ("reader", "writer", "owner")
ASSET_TYPES: Final = ("data", "hardware", "software", "infrastructure", "service", "personnel")
REPOSITORY_TYPES: Final = ("git", "svn", "mercurial", "other")

SEVERITIES: Final = ("Critical", "High", "Medium", "Low", "Informational", "Unknown")
LIKELIHOODS: Final = ("High", "Medium", "Low")
PRIORITIES: Final = ("Immediate", "High", "Medium", "Low", "Deferred")
THREAT_STATUSES: Final = (
    "Active",
    "Open",
    "Mitigated",
    "Accepted",
    "Transferred",
    "Avoided",
    "Eliminated",
    "Not applicable",
)
OPEN_THREAT_STATUSES: Final = ("active", "open", "")
MODEL_STATUSES: Final = (
    "not_started",
    "in_progress",
    "pending_review",
    "remediation_required",
    "remediation_in_progress",
    "verification_pending",
    "approved",
    "rejected",
    "deferred",
    "closed",
)
MITIGATION_STATUSES: Final = ("Proposed", "Planned", "In progress", "Done", "Rejected")

_ALL: Final = (EXTERNAL_ENTITY, DATASTORE, DATA_FLOW, PROCESS)
_NOT_EXTERNAL: Final = (DATASTORE, DATA_FLOW, PROCESS)
THREAT_TYPES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "STRIDE": {
        "Spoofing": (EXTERNAL_ENTITY, PROCESS),
        "Tampering": _NOT_EXTERNAL,
        "Repudiation": (EXTERNAL_ENTITY, DATASTORE, PROCESS),
        "Information disclosure": _NOT_EXTERNAL,
        "Denial of service": _NOT_EXTERNAL,
        "Elevation of privilege": (PROCESS,),
    },
    "LINDDUN": {
        "Linking": _ALL,
        "Identifying": _ALL,
        "Non-repudiation": _NOT_EXTERNAL,
        "Detecting": _NOT_EXTERNAL,
        "Data disclosure": _NOT_EXTERNAL,
        "Unawareness and unintervenability": (EXTERNAL_ENTITY,),
        "Non-compliance": _NOT_EXTERNAL,
    },
    "CIA": {"Confidentiality": _ALL, "Integrity": _ALL, "Availability": _ALL},
    "DIE": {"Distributed": _ALL, "Immutable": _ALL, "Ephemeral": _ALL},
    "PLOT4ai": {
        "Technique & processes": _NOT_EXTERNAL,
        "Accessibility": (EXTERNAL_ENTITY, DATASTORE, PROCESS),
        "Identifiability & linkability": _ALL,
        "Security": _ALL,
        "Safety": (EXTERNAL_ENTITY,),
        "Unawareness": (EXTERNAL_ENTITY,),
        "Ethics & human rights": (EXTERNAL_ENTITY,),
        "Non-compliance": _NOT_EXTERNAL,
    },
}


def threat_types(framework: str, cell_type: str = "") -> tuple[str, ...]:
    """The threat types of a framework, or only those that apply to one type of cell."""
    types = THREAT_TYPES.get(framework, {})
    return tuple(name for name, on in types.items() if not cell_type or cell_type in on)


def is_open(status: str) -> bool:
    """Whether a threat of this status still waits for a decision."""
    return status.strip().lower() in OPEN_THREAT_STATUSES
