"""The table of roles at the real server: every endpoint of the file, asked by every role."""

import re
import socket
import threading
from pathlib import Path

import httpx
import msgspec
import uvicorn

from app.domain.ids import new_id
from app.ports_server import User
from app.wiring.server import Built, build
from storage.server import ServerStore
from sync.server.settings import DatabaseSettings, ServerSettings, Settings, SqliteSettings
from tests.storage import people
from tests.sync.server.auth.test_roles import PLACES

NO_MODEL = "There is no such threat model"


def settings_of(folder: Path, port: int) -> Settings:
    """A server of its own that never says "too many"."""
    many = 1_000_000
    server = ServerSettings(
        port=port, auth_requests_per_minute=many, requests_per_minute=many, requests_per_minute_address=many
    )
    return Settings(
        server=server, database=DatabaseSettings(sqlite=SqliteSettings(path=str(folder / "server.db")))
    )


def somebody_of_each_role(store: ServerStore) -> tuple[str, dict[str, User | None]]:
    """A model, and who is what to it."""
    owner = people.user(store, "Owner")
    model = people.model(store, owner)
    who: dict[str, User | None] = {"owner": owner, "anonymous": None, "none": people.user(store, "None")}
    for role in ("writer", "reader"):
        who[role] = one = people.user(store, role)
        store.access.grant(
            model, "user", one.id, "writer" if role == "writer" else "reader", granted_by=owner.id, now=1.0
        )
    admin = people.a_user("Admin")
    who["administrator"] = store.users.create(msgspec.structs.replace(admin, administrator=True), 1.0)
    who["guest"] = people.user(store, "Guest", "invite")
    return model, who


def ask(client: httpx.Client, built: Built, model: str, place: str, user: User | None) -> str:
    """Allow, or the status of the refusal; asked so that whoever is let in changes nothing."""
    method, _, path = place.partition(" ")
    headers = {"If-Match": '"999999"'}
    if user is not None:
        token = built.auth.signer.access_token(user, client_id="tmi-desktop", scope="", sid=new_id())
        headers["Authorization"] = f"Bearer {token}"
    filled = path.replace("{threat_model_id}", model).replace("{sequence_number}", "999")
    filled = filled.replace("{subject_type}", "user").replace("{key}", "key")
    url = re.sub(r"\{\w+\}", lambda _: new_id(), filled)
    answer = client.request(method, url, headers=headers, json=None if method == "GET" else [])
    if answer.status_code in (401, 403):
        return str(answer.status_code)
    return "404" if answer.status_code == 404 and NO_MODEL in answer.text else "allow"


def test_every_cell(tmp_path: Path) -> None:
    sock = socket.create_server(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    wrong, asked = [], 0
    with sock, build(settings_of(tmp_path, port)) as built:
        server = uvicorn.Server(uvicorn.Config(built.app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, args=([sock],))
        thread.start()
        try:
            model, who = somebody_of_each_role(built.store)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                for place, row in PLACES.items():
                    if place.startswith("WS ") or place == "POST /me/logout":
                        continue
                    for role, wanted in row.items():
                        asked += 1
                        found = ask(client, built, model, place, who[role])
                        if found != wanted:
                            wrong.append(f"{place} by {role}: {found}, should be {wanted}")
        finally:
            server.should_exit = True
            thread.join(20)
    assert not wrong
    assert asked > 1700
