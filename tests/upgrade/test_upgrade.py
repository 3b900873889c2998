"""A library of every past version opens, with everything in it."""

import gzip
from pathlib import Path

import pytest

from app.domain.patch import RecordOperation
from app.domain.records import Cell, SavedView, Threat, Unknown
from app.domain.values import Point
from storage import lock, open_library
from storage.migrating import revisions
from tests.storage.building import Pen
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
    later = {"milestone"} if packed.name >= "library-0003" else set()
    assert {record.kind for record in state.records.values()} == later | {
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
    # To the first two versions a saved view was a record of an unknown kind.
    view = state.find(SavedView, part("view"))
    assert view is not None
    assert (view.zoom, view.diagram_id, view.extra) == (1.5, None, {"layers": ["a", "b"]})
    if later:
        step = state.find(SavedView, part("step"))
        assert step is not None
        assert (step.name, step.centre, step.width) == ("The shop", Point(60, 30), 640)
        assert (step.diagram_id, step.spotlight) == (part("diagram"), part("shop"))
        assert step.metadata == {"speaker": "Ada"}
        milestone = state.find(Unknown, part("milestone"))
        assert milestone is not None
        assert milestone.extra == {"reached": True, "names": ["a", "b"]}
    assert set(state.tombstones) == {part("orders"), part("buy")}


@pytest.mark.parametrize("packed", LIBRARIES, ids=lambda path: path.name)
def test_what_it_held_of_later_kinds_can_be_edited(packed: Path, tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    library = open_library(path)
    view, name = part("view"), {"name": "Overview", "metadata": {"speaker": "Ben"}}
    Pen.of(library, MODEL_ID).write(RecordOperation("saved_view", view, "update", name))
    library.close()
    library = open_library(path)
    found = library.load(MODEL_ID).state.find(SavedView, view)
    assert found is not None
    assert (found.name, found.metadata, found.zoom) == ("Overview", {"speaker": "Ben"}, 1.5)
    assert library.verify().broken == ()
    library.close()


@pytest.mark.parametrize("packed", LIBRARIES, ids=lambda path: path.name)
def test_it_is_read_while_another_program_holds_it(packed: Path, tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    before = path.read_bytes()
    held = lock.acquire(path)
    assert held is not None
    library = open_library(path)
    assert library.read_only
    assert library.load(MODEL_ID).state.find(SavedView, part("view")) is not None
    library.close()
    held.release()
    assert path.read_bytes() == before
