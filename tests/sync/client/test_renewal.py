"""Channels that outlast their access token, and one that does not because the sign-in is over."""

from collections.abc import Iterator

import pytest

from app.domain.ids import new_id
from app.wiring.server import build
from sync.client.api import ServerApi
from sync.client.channel import Channel
from sync.client.errors import ChannelClosed
from sync.client.http import ServerHttp
from sync.client.secrets import FileStore
from sync.client.sign_in import sign_in
from sync.client.tokens import AccountTokens
from sync.protocol import messages as m
from sync.server.auth.accounts import create_account
from tests.sync.client.hands import PASSWORD, Browser
from tests.sync.client.proxy import proxied
from tests.sync.server.running import Running, running, settings_of


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server whose access tokens last three seconds."""
    folder = tmp_path_factory.mktemp("brief")
    with build(settings_of(folder)) as built:
        create_account(built.auth, "carla", PASSWORD, shown="Carla", must_change=False)
    with running(folder, {"TMI_AUTH_JWT_EXPIRATION_SECONDS": "3"}) as one:
        yield one


@pytest.mark.asyncio
async def test_it_is_renewed_until_the_sign_in_is_over(brief: Running) -> None:
    async with proxied(brief.url) as proxy:
        http = await ServerHttp.open(proxy.address)
        browser = Browser()
        found = await sign_in(http, browser, patience=20)
        tokens = AccountTokens(http, FileStore(brief.folder / "secrets"), found.user_id)
        await tokens.start(found.tokens)
        api = ServerApi(http, tokens)
        model_id, diagram_id = (await api.create("Brief")).id, new_id()
        headers = {"Authorization": f"Bearer {await tokens.access_token()}"}
        body = {"id": diagram_id, "name": "d"}
        await http.ask("POST", f"/threat_models/{model_id}/diagrams", body=body, headers=headers)
        async with await Channel.connect(api, model_id, diagram_id) as channel:
            assert 0 < channel.welcome.sign_in_seconds <= 3
            # Three tickets after the first: by then the token that opened the channel is long over.
            await proxy.until_sent(b"/tickets ", 4)
            assert channel.is_open
            await channel.send(m.PresenterRequest())
            assert await tokens.sign_out()
            with pytest.raises(ChannelClosed) as told:
                async for _ in channel:
                    pass
            assert told.value.reason == "signed_out"
        await http.close()
