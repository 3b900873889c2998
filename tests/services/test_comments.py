"""Threads, mentions and unread marks, whatever the order in which comments arrive."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.patch import add, remove
from app.domain.records import Comment
from app.domain.stage import apply
from app.domain.state import ModelState
from app.services import comments as c
from app.services.mentions import begun, mentions, names_in, people, spans
from app.services.seen import Seen
from tests.strategies import MODEL_ID, an_id

ANN, BOB, ADA = "ann", "bob", "Ada Lovelace"
PEOPLE = (ANN, BOB, ADA, "Ada", "ann.b@corp.example")


class Notes:
    """A library's memory, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def setting(self, key: str, default: str = "") -> str:
        return self.kept.get(key, default)

    def set_setting(self, key: str, value: str) -> None:
        self.kept[key] = value


def model(number: int, ups: list[int], times: list[int], authors: list[str]) -> ModelState:
    """A model of comments, each replying to an earlier one or (0) to none."""
    state = ModelState(MODEL_ID)
    apply(state, (add("threat_model", MODEL_ID, {"name": "m", "owner": ADA}),))
    for i in range(number):
        data = {"text": f"text {i}", "author": authors[i], "written_at": f"2026-01-{times[i]:02}"}
        up = ups[i] % (i + 1)
        if up:
            data["reply_to"] = an_id(up)
        apply(state, (add("comment", an_id(i + 1), data),))
    return state


models = st.integers(0, 9).flatmap(
    lambda n: st.builds(
        model,
        st.just(n),
        st.lists(st.integers(0, 20), min_size=n, max_size=n),
        st.lists(st.integers(1, 5), min_size=n, max_size=n),
        st.lists(st.sampled_from([ANN, BOB, ADA]), min_size=n, max_size=n),
    )
)


@given(models)
def test_every_comment_is_in_exactly_one_thread_in_order(state: ModelState) -> None:
    found = c.threads(state)
    every = [one.id for thread in found for one in thread.comments]
    assert sorted(every) == sorted(one.id for one in state.all(Comment))
    for thread in found:
        keys = [(r.written_at, r.id) for r in thread.replies]
        assert keys == sorted(keys)
        for one in thread.comments:
            assert c.thread_of(state, one.id) == thread
    roots = [(t.root.written_at, t.root.id) for t in found]
    assert roots == sorted(roots)


@given(models, st.integers(1, 9))
def test_deleting_any_comment_keeps_all_others(state: ModelState, which: int) -> None:
    before = {one.id for one in state.all(Comment)}
    apply(state, (remove("comment", an_id(which)),))
    left = {one.id for thread in c.threads(state) for one in thread.comments}
    assert left == before - {an_id(which)}


@given(models, st.lists(st.integers(1, 9)), st.sampled_from([ANN, BOB]))
def test_unread_is_what_others_wrote_and_was_not_seen_also_after_a_restart(
    state: ModelState, seen: list[int], me: str
) -> None:
    notes = Notes()
    marks = Seen(notes, MODEL_ID, me)
    ids = {an_id(n) for n in seen}
    marks.mark(state, [one for one in state.all(Comment) if one.id in ids])
    expected = {one.id for one in state.all(Comment) if one.author != me} - ids
    again = Seen(notes, MODEL_ID, me)
    assert again.unread(state) == marks.unread(state) == expected
    assert c.counts(c.threads(state), frozenset(expected)).unread <= len(c.threads(state))
    again.mark_all(state)
    assert not Seen(notes, MODEL_ID, me).unread(state)
    assert Seen(notes, an_id(99), me).unread(state) == {x.id for x in state.all(Comment) if x.author != me}


def test_a_comment_that_comes_back_stays_seen() -> None:
    state, notes = model(2, [0, 1], [1, 2], [BOB, BOB]), Notes()
    Seen(notes, MODEL_ID, ANN).mark_all(state)
    gone = apply(state, (remove("comment", an_id(2)),))
    apply(state, (add("comment", an_id(7), {"text": "new", "author": BOB}),))
    Seen(notes, MODEL_ID, ANN).mark_all(state)
    apply(state, gone.inverse)
    assert not Seen(notes, MODEL_ID, ANN).unread(state)


@given(
    st.lists(st.sampled_from(["@", " ", "ann", "bob", "Ada Lovelace", "Ada", ".", "x", "http://a.b/", "\n"]))
)
def test_parts_put_together_are_the_text(words: list[str]) -> None:
    text = "".join(words)
    parts = spans(text, PEOPLE)
    assert "".join(part.text for part in parts) == text
    for start, end, name in mentions(text, PEOPLE):
        assert text[start:end].casefold() == f"@{name}".casefold()
        assert start == 0 or not text[start - 1].isalnum()
    assert all(part.target.startswith(("http://", "https://")) for part in parts if part.kind == "link")


def test_mentions_are_of_known_people_by_their_longest_name() -> None:
    assert names_in("@Ada Lovelace, look; @ADA?", PEOPLE) == {"Ada Lovelace", "Ada"}
    assert names_in("mail ann@bob.example, @anna, @ bob, @bob-by", PEOPLE) == set()
    assert names_in("(@bob) @ann. @ann.b@corp.example", PEOPLE) == {BOB, ANN, "ann.b@corp.example"}


def test_only_web_addresses_are_links() -> None:
    text = "see https://a.example/x?y=1). javascript:alert(1) file:///etc <b>http://</b>"
    assert [part.target for part in spans(text, ()) if part.kind == "link"] == ["https://a.example/x?y=1"]


def test_completion_begins_behind_the_sign() -> None:
    assert begun("hello @a", PEOPLE) == ("a", [ANN, ADA, "Ada", "ann.b@corp.example"])
    assert begun("hello @love", PEOPLE) == ("love", [ADA])
    assert begun("mail x@a", PEOPLE) is None
    assert begun("hello @zzz", PEOPLE) is None


def test_people_are_those_of_the_model_its_comments_and_the_session() -> None:
    state = model(2, [0, 0], [1, 1], [BOB, ANN])
    assert people(state, ["guest", " BOB "]) == [ADA, ANN, BOB, "guest"]


def test_editing_says_so_and_keeps_other_metadata() -> None:
    state = model(1, [0], [1], [ANN])
    apply(state, (*c.edit(comment(state), "better", "2026-02-01"),))
    assert (comment(state).text, c.edited_at(comment(state))) == ("better", "2026-02-01")
    assert c.edit(comment(state), "better", "2026-03-01") == ()


def test_a_reply_opens_a_resolved_thread_again() -> None:
    state = model(1, [0], [1], [ANN])
    apply(state, c.set_resolved(comment(state), True))
    assert c.counts(c.threads(state), frozenset()) == (0, 1, 0)
    apply(state, c.reply(comment(state), "but", BOB, "2026-02-01")[1])
    assert c.counts(c.threads(state), frozenset()) == (1, 0, 0)
    assert c.mentions_me(c.threads(state)[0], BOB) is False
    assert c.is_mine(c.threads(state)[0], BOB)


def comment(state: ModelState) -> Comment:
    """The first comment."""
    return state.all(Comment)[0]
