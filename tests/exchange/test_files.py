"""Saving is whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from app.domain.errors import UnreadableFile
from app.exchange.files import UnwritableFile, read_bytes, save

needs_posix = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.tmi.json"
    save(path, b"one")
    save(path, b"two")
    assert read_bytes(path) == b"two"
    assert os.listdir(tmp_path) == ["a.tmi.json"]


@needs_posix
def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    path, link = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"one")
    path.chmod(0o640)
    link.symlink_to(path)
    save(link, b"two")
    assert link.is_symlink()
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@needs_posix
def test_a_new_file_follows_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        save(tmp_path / "a", b"one")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(UnwritableFile, match="no space left on device"):
        save(path, b"two")
    monkeypatch.undo()
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["a"]


def test_what_cannot_be_written_or_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnwritableFile, match="folder"):
        save(tmp_path, b"x")
    with pytest.raises(UnwritableFile):
        save(tmp_path / "no" / "such", b"x")
    with pytest.raises(UnreadableFile, match="is a folder"):
        read_bytes(tmp_path)
    with pytest.raises(UnreadableFile, match="no such file"):
        read_bytes(tmp_path / "none")
    with pytest.raises(UnreadableFile, match="null byte"):
        read_bytes(tmp_path / "a\0b")
    (tmp_path / "large").write_bytes(b"12345")
    with pytest.raises(UnreadableFile, match="larger"):
        read_bytes(tmp_path / "large", limit=4)
