"""A small shop as a document: two diagrams, some threats, an asset, a mitigation."""

from app.domain.order import spread
from app.domain.records import (
    Asset,
    Assumption,
    Cell,
    Diagram,
    Mitigation,
    Note,
    Record,
    Threat,
    ThreatModel,
)
from app.domain.values import End, Point, Size
from app.services.document import Document
from tests.ui.fakes import MemoryLibrary, document_of


def an_id(number: int) -> str:
    """A valid id that a test can name."""
    return f"01920000-0000-7000-8000-{number:012x}"


MODEL = an_id(1)
FRONT, BACK = an_id(2), an_id(3)
BROWSER, SHOP, ORDERS, FLOW, ZONE, WORKER = (an_id(n) for n in range(10, 16))
SPOOF, LEAK, OLD = an_id(20), an_id(21), an_id(22)
CARD, PLAN, GUESS, NOTE = an_id(30), an_id(31), an_id(32), an_id(33)


def records() -> list[Record]:
    """The records of the shop."""
    d = spread(2)
    c = spread(6)
    return [
        ThreatModel(id=MODEL, name="Web shop", owner="Ada", tags=frozenset({"pci"})),
        Diagram(id=FRONT, name="Front", order=d[0]),
        Diagram(id=BACK, name="Back office", order=d[1]),
        Asset(id=CARD, name="Card numbers", description="PAN and expiry"),
        Cell(id=ZONE, diagram_id=FRONT, type="trust_boundary", label="Data centre", order=c[0],
             position=Point(300.0, 40.0), size=Size(500.0, 300.0)),
        Cell(id=BROWSER, diagram_id=FRONT, type="external_entity", label="Browser", order=c[1],
             position=Point(20.0, 100.0), size=Size(140.0, 70.0)),
        Cell(id=SHOP, diagram_id=FRONT, type="process", label="Shop server", order=c[2], parent=ZONE,
             position=Point(340.0, 80.0), size=Size(120.0, 120.0), technology="Python",
             tags=frozenset({"public"}),
             description="Renders the pages and takes orders.", metadata={"owner": "web-team"}),
        Cell(id=ORDERS, diagram_id=FRONT, type="datastore", label="Orders", order=c[3], parent=ZONE,
             position=Point(600.0, 100.0), size=Size(160.0, 70.0), is_encrypted=True),
        Cell(id=FLOW, diagram_id=FRONT, type="data_flow", label="", order=c[4],
             source=End(cell=BROWSER), target=End(cell=SHOP), protocol="HTTPS"),
        Cell(id=WORKER, diagram_id=BACK, type="process", label="Worker", order=c[5],
             position=Point(0.0, 0.0), size=Size(120.0, 120.0)),
        Threat(id=SPOOF, name="Stolen session", threat_type="Spoofing", severity="High", number=1,
               cell_id=SHOP, diagram_id=FRONT),
        Threat(id=LEAK, name="Orders leak", threat_type="Information disclosure", severity="Critical",
               number=2, cell_id=ORDERS, diagram_id=FRONT, status="Mitigated", mitigated=True, score=7.5),
        Threat(id=OLD, name="Old libraries", number=3),
        Mitigation(id=PLAN, name="Short sessions", threats=frozenset({SPOOF})),
        Assumption(id=GUESS, name="TLS ends at the shop server"),
        Note(id=NOTE, name="Scope", content="Only the web part."),
    ]  # fmt: skip


def shop(library: MemoryLibrary | None = None) -> Document:
    """The shop as an open document."""
    return document_of(MODEL, records(), library)
