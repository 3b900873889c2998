"""What the panel *While you were away* says: deeds in words, texts word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.absence import Edit
from app.domain.patch import remove
from app.services.document import Document
from tests.ui.panels.sample import BROWSER, FLOW, MODEL, ORDERS, SHOP, SPOOF
from ui.panels.review.deeds import plural, sentence, summary
from ui.panels.review.differing import MOST, Run, differing, marked
from ui.panels.review.disputes import short_name

TEXTS = st.text(alphabet="ab \n.é", max_size=60)


def edit(record_id: str, *groups: str, what: str = "changed", kind: str = "cell", **more: str) -> Edit:
    given_ = {"author": "bob", "kind": kind, "record_id": record_id, "what": what, "groups": groups}
    return Edit(**(given_ | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (edit(SHOP, "label", "position", "description", name="Shop server", was_called="Shop"),
         "Renamed “Shop” to “Shop server”, moved it, changed Description"),
        (edit(SHOP, "position", name="Shop server"), "Moved “Shop server”"),
        (edit(SHOP, "size", name="Shop server"), "Resized “Shop server”"),
        (edit(ORDERS, "tags", "technology", "metadata.owner", name="Orders"),
         "Changed Tags, Technology and Metadata owner of “Orders”"),
        (edit(FLOW, "protocol"), "Changed Protocol of “Browser → Shop server”"),
        (edit(FLOW, "label", was_called="buy", type="data_flow"), "Took the name “buy” away"),
        (edit(SHOP, what="removed", type="process", name="Old"), "Removed process “Old”"),
        (edit("gone", what="removed", type="data_flow"), "Removed an unnamed data flow"),
        (edit(SPOOF, what="added", kind="threat", name="Stolen session"), "Added threat “Stolen session”"),
        (edit("gone", name="Back"), "Took out and brought back “Back”"),
    ],
)  # fmt: skip
def test_one_deed(document: Document, one: Edit, words: str) -> None:
    assert sentence(document.state, one) == words


def test_all_of_one_person(document: Document) -> None:
    document.apply((remove("cell", BROWSER),))
    edits = [
        edit(ORDERS, "position", name="Orders"), edit(SHOP, "label", name="Web shop", was_called="Shop"),
        edit(MODEL, "position", name="x"), edit("1", what="added", kind="repository", name="a"),
        edit("2", what="added", kind="repository", name="b"),
    ]  # fmt: skip
    words = "renamed “Shop” to “Web shop”, added 2 repositories, moved 2 elements"
    assert summary(document.state, edits) == words
    assert plural(1, "diagram") == "1 diagram"


def text_of(runs: list[Run]) -> str:
    return "".join(text for _, text in runs)


def alike(runs: list[Run]) -> str:
    return "".join(text for differs, text in runs if not differs)


@given(TEXTS, TEXTS)
def test_no_letter_is_lost_and_what_is_not_marked_is_on_both_sides(one: str, other: str) -> None:
    left, right = differing(one, other)
    assert (text_of(left), text_of(right)) == (one, other)
    assert alike(left) == alike(right)
    assert (alike(left) == one == other) or one != other


def test_very_different_texts_are_marked_from_end_to_end() -> None:
    one, other = "same " + "a b " * MOST + "end", "same " + "c d " * MOST + "end"
    left, right = differing(one, other)
    assert [differs for differs, _ in left] == [False, True, False]
    assert alike(left) == alike(right) == "same  end"


def test_rich_text_holds_what_was_typed() -> None:
    shown = marked([(False, "<b> & \n"), (True, "x")], ink="#000000", paper="#ffffff")
    assert shown.startswith("&lt;b&gt; &amp; <br><span style=")


def test_people_without_a_name() -> None:
    assert short_name("01920000-0000-7000-8000-000000000001") == "User 01920000"
    assert (short_name("ann"), short_name("")) == ("ann", "Somebody")
