"""For the release of a new version: renders its migration, and writes its library for this folder.

`python -m tests.upgrade.make render REVISION MESSAGE` compares the tables with what the scripts lead to
and adds the script in between. `python -m tests.upgrade.make library` writes `library-REVISION.db.gz`,
which is never written again once the version is released.
"""

import gzip
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

from alembic import command
from alembic.config import Config

from app.domain.ids import derived_id
from app.domain.patch import add, remove, update
from storage import open_library
from storage.dialect import writing_engine
from storage.migrating import REVISION, SCRIPTS, revisions, upgrade
from tests.storage.building import Pen, flow, node

HERE = Path(__file__).parent
MODEL_ID = "0192a000-0000-7000-8000-000000000001"


def part(name: str) -> str:
    """The id of a named part of the fixture."""
    return derived_id(MODEL_ID, name)


def write_model(pen: Pen) -> None:
    """One of everything, edited, removed and brought back."""
    pen.start("First version")
    pen.write(
        add("diagram", part("diagram"), {"name": "Main", "order": "V", "metadata": {"level": "0"}}),
        node(part("shop"), part("diagram"), "Web shop"),
        node(part("orders"), part("diagram"), "Orders", "datastore", 1),
        node(part("zone"), part("diagram"), "Data centre", "trust_boundary", 2),
        flow(part("buy"), part("diagram"), part("shop"), part("orders"), "place order"),
        title="Draw",
    )
    pen.write(
        add("asset", part("asset"), {"name": "Customers", "classification": ["personal"]}),
        add("threat", part("threat"), {
            "name": "Orders are changed on the way", "cell_id": part("buy"), "score": 7.5,
            "diagram_id": part("diagram"), "asset_id": part("asset"), "cwe_ids": ["CWE-319"],
            "metadata": {"ticket": "SEC-1"},
        }),
        add("mitigation", part("mitigation"), {"name": "TLS", "threats": [part("threat")]}),
        add("document", part("document"), {"name": "Design", "uri": "https://example.org/d"}),
        add("note", part("note"), {"name": "Notes", "content": "# Später \u2014 \U0001f600"}),
        add("repository", part("repository"), {"uri": "https://example.org/r.git"}),
        add("assumption", part("assumption"), {"name": "The cloud is up"}),
        add("comment", part("comment"), {"text": "Really?", "cell_id": part("shop")}),
        add("task", part("task"), {"name": "Ask the owner"}),
        add("saved_view", part("view"), {"zoom": 1.5, "layers": ["a", "b"]}),
        add("saved_view", part("step"), {
            "name": "The shop", "order": "V", "diagram_id": part("diagram"), "zoom": 2.0,
            "centre": {"x": 60, "y": 30}, "width": 640, "height": 360, "spotlight": part("shop"),
            "metadata": {"speaker": "Ada"},
        }),
        add("milestone", part("milestone"), {"reached": True, "names": ["a", "b"]}),
        title="Write down",
    )  # fmt: skip
    pen.write(update("cell", part("shop"), parent=part("zone"), later_property={"kept": True}))
    pen.write(remove("cell", part("orders")), title="Delete")
    pen.rename("First version, renamed")


def write_library() -> None:
    """The library of the present version, compressed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library.db"
        library = open_library(path)
        write_model(Pen(library, MODEL_ID))
        library.keep_draft(MODEL_ID, "note", "unfinished")
        library.set_thumbnail(MODEL_ID, part("diagram"), "<svg/>", 2)
        library.set_setting("colour", "blue")
        library.close()
        target = HERE / f"library-{REVISION}.db.gz"
        with path.open("rb") as source, gzip.GzipFile(target, "wb", mtime=0) as packed:
            shutil.copyfileobj(source, packed)


def render(revision: str, message: str) -> None:
    """The script from the last version to the tables as they are."""
    with tempfile.TemporaryDirectory() as folder:
        engine = writing_engine(Path(folder) / "library.db", create=True)
        if revisions():
            upgrade(engine)
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.set_main_option("path_separator", "os")
        with engine.begin() as connection, warnings.catch_warnings():
            config.attributes["connection"] = connection
            command.revision(config, message, autogenerate=True, rev_id=revision)
        engine.dispose()
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", SCRIPTS / "versions"], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["render"]:
        render(sys.argv[2], sys.argv[3])
    elif sys.argv[1:] == ["library"]:
        write_library()
    else:
        sys.exit(__doc__)
