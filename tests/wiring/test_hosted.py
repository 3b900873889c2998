"""What a hosted server is made of: who hosts it, its settings, and the port that it keeps."""

import json
import socket
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.wiring import hosted
from app.wiring.hosted import Place, host_of, settings_of
from app.wiring.server import CannotServe

HOST = {"secret": "s" * 43, "user_id": "00000000-0000-7000-8000-0000000000ad", "name": "Ada"}


def test_who_hosts_is_the_first_line() -> None:
    door = host_of(iter([json.dumps(HOST).encode(), b"more"]))
    assert (door.user_id, door.name) == (HOST["user_id"], "Ada")
    assert door.enter(HOST["secret"], "127.0.0.1")


@pytest.mark.parametrize(
    "said",
    [None, b"", b"hello", b"[]", b"{}", b"stop", b"\xff", b"[" * 5000, {"secret": "short"},
     {"secret": "s" * 201}, {"user_id": 7}, {"more": "x"}],
)  # fmt: skip
def test_anything_else_is_refused_in_one_line(said: Any) -> None:
    raw = json.dumps(HOST | said).encode() if isinstance(said, dict) else said
    with pytest.raises(CannotServe, match="standard input") as refused:
        host_of(iter(() if raw is None else (raw,)))
    assert "\n" not in str(refused.value)


def test_beyond_loopback_there_is_tls_and_the_way_from_here_is_loopback() -> None:
    for interface, tls, address in (
        ("127.0.0.1", False, "http://127.0.0.1:7"), ("127.0.0.1", True, "https://127.0.0.1:7"),
        ("::1", False, "http://[::1]:7"), ("0.0.0.0", False, "https://127.0.0.1:7"),
        ("::", False, "https://127.0.0.1:7"),
    ):  # fmt: skip
        settings = settings_of(Place(database=Path("h.db"), interface=interface, tls=tls), 7)
        assert settings.base_url == address
        assert settings.server.interface == interface
        assert settings.server.tls_enabled is address.startswith("https")
        assert not settings.auth.local_accounts
        assert not settings.server.trusted_proxies


def test_a_port_is_kept_unless_it_is_nonsense(tmp_path: Path) -> None:
    place = Place(database=tmp_path / "h.db")
    for written in ("", "x", "0", "70000", "-5", "\u00e9"):
        place.port_file.write_text(written, "utf-8")
        held, moved_from = hosted.bound(place)
        with held:
            assert moved_from == 0
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        place.port_file.write_text(f"{port}\n", "ascii")
        held, moved_from = hosted.bound(place)
        with held:
            assert moved_from == port
        with pytest.raises(CannotServe, match=f"cannot listen on 127.0.0.1 port {port}: Address"):
            hosted.bound(msgspec.structs.replace(place, port=port))
    held, moved_from = hosted.bound(place)
    with held:
        assert (held.getsockname()[1], moved_from) == (port, 0)
