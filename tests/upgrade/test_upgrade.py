"""A library of every past version opens, with everything in it."""

import gzip
from pathlib import Path

import pytest

from app.domain.records import Cell, Threat, Unknown
from storage import open_library
from storage.migrating import revisions
from tests.upgrade.make import MODEL_ID, part

LIBRARIES = sorted(Path(__file__).parent.glob("library-*.db.gz"))


def test_every_version_has_its_library() -> None:
    assert [path.name for path in LIBRARIES] == [f"library-{r}.db.gz" for r in revisions()]


@pytest.mark.parametrize("packed", LIBRARIES, ids=lambda path: path.name)
def test_it_opens_with_everything_in_it(packed: Path, tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    library = open_library(path)
    assert library.read_only == ""
    assert library.verify().broken == ()
    [summary] = library.summaries()
    assert (summary.name, summary.diagrams, summary.threats) == ("First version, renamed", 1, 1)
    assert summary.thumbnail == "<svg/>"
    assert library.setting("colour") == "blue"
    loaded = library.load(MODEL_ID)
    library.close()
    state = loaded.state
    assert loaded.sequence_number == 6
    assert loaded.drafts == {"note": "unfinished"}
    assert [entry.title for entry in loaded.undo] == ["Draw", "Write down", "", "Delete", ""]
    assert {record.kind for record in state.records.values()} == {
        "threat_model", "diagram", "cell", "threat", "mitigation", "asset", "document", "note",
        "repository", "assumption", "comment", "task", "saved_view",
    }  # fmt: skip
    shop = state.find(Cell, part("shop"))
    assert shop is not None
    assert (shop.label, shop.parent) == ("Web shop", part("zone"))
    assert shop.extra == {"later_property": {"kept": True}}
    threat = state.find(Threat, part("threat"))
    assert threat is not None
    assert (threat.score, threat.cell_id, threat.metadata) == (7.5, None, {"ticket": "SEC-1"})
    view = state.find(Unknown, part("view"))
    assert view is not None
    assert view.extra == {"zoom": 1.5, "layers": ["a", "b"]}
    assert set(state.tombstones) == {part("orders"), part("buy")}
