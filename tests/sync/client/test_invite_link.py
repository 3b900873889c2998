"""Invite links as a server makes them, read by the client."""

import pytest

from app.domain.ids import new_id
from sync.client.errors import Refused
from sync.client.invite_link import InviteLink, parse_invite_link
from tests.sync.client.hands import api_of
from tests.sync.server.live.hands import Place

# The same in every process: tests are named after it.
MODEL = "01920000-0000-7000-8000-000000000001"


@pytest.mark.asyncio
async def test_the_servers_own_link(place: Place) -> None:
    async with api_of(place.server) as ada:
        link = (await ada.invite(place.model_id)).link
    # The test's server says that its public address is not of this machine, where only https will do.
    found = parse_invite_link(link.replace("http:", "https:"))
    assert (found.server, found.model_id) == ("https://tmi.test", place.model_id)
    assert str(found) == link.replace("http:", "https:")
    assert found.secret not in repr(found)


def test_a_link_that_mail_has_broken() -> None:
    link = InviteLink("https://192.168.1.7:8443", "s3cret-_x", new_id(), "ab" * 32)
    text = str(link)
    assert parse_invite_link(f" <{text[:60]}\n  {text[60:]}> ") == link


@pytest.mark.parametrize(
    "text",
    ["", "https://a.example/join", "https://a.example/join#invite=x", "https://a.example/x#invite=x&model=1",
     f"https://a.example/join#invite=x&model={MODEL}&sha256=zz", "x" * 5000,
     f"http://a.example/join#invite=x&model={MODEL}", f"https://[/join#invite=x&model={MODEL}"],
)  # fmt: skip
def test_what_is_no_link_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_invite_link(text)
