"""Reading a native file: strict about values, forgiving about ids and about newer versions."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from app.domain.checks import clean_text, plain_json
from app.domain.errors import InvalidData, UnreadableFile
from app.domain.fields import FieldType, fields_of
from app.domain.ids import derived_id, is_id
from app.domain.merge import merged
from app.domain.patch import add
from app.domain.records import Record, record_type
from app.exchange import native
from app.exchange.imported import Imported, finished
from app.exchange.json_text import load_json
from app.exchange.report import Findings

NAME = "TMI Desktop"
_NAMESPACE = "6f2b7f0e-5a35-5e0c-9a39-2f1c1d5a7c11"


class _Entry(msgspec.Struct):
    """A record as it stands in the file: its kind, its place there, and its properties."""

    kind: str
    place: str
    raw: dict[str, Any]
    id: str = ""


class _Reader:
    """One file on its way in: what is known of its ids, and what has been noted."""

    def __init__(self, source: str, findings: Findings, version: int) -> None:
        self.source = source
        self.findings = findings
        self.is_newer = version > native.VERSION
        self.renamed: dict[str, str] = {}
        self.taken: set[str] = set()
        self.left: list[Any] = []

    def refuse(self, reason: str, place: str) -> UnreadableFile:
        """The refusal of the whole file."""
        return UnreadableFile(self.source, reason, place)

    def give_id(self, entry: _Entry, model_id: str) -> None:
        """The entry's id, or one made from what stands in its place; each is given once."""
        given = entry.raw.get("id")
        if given is not None and not isinstance(given, str):
            raise self.refuse("id must be text", entry.place)
        if is_id(given) and given not in self.taken:
            entry.id = str(given)
        else:
            name = clean_text(given) if given else entry.place
            entry.id = derived_id(model_id or _NAMESPACE, name)
            if entry.id in self.taken:
                entry.id = derived_id(entry.id, entry.place)
            self._say_renamed(entry, given)
            if given and given not in self.taken:
                self.renamed[given] = entry.id
        self.taken.add(entry.id)
        if given:
            self.taken.add(given)

    def _say_renamed(self, entry: _Entry, given: str | None) -> None:
        if not given:
            self.findings.guessed(f"{entry.kind} at {entry.place}", "has no id, was given one")
        elif given in self.taken:
            self.findings.guessed(
                f"{entry.kind} at {entry.place}", f"its id {given[:60]!r} is used twice, renewed"
            )
        else:
            self.findings.guessed(
                f"{entry.kind} at {entry.place}", f"its id {given[:60]!r} is no UUID, renewed"
            )

    def follow(self, kind: str, data: dict[str, Any]) -> None:
        """Let references lead to the ids that were renewed."""
        if not self.renamed:
            return
        for name, rule in fields_of(record_type(kind)).items():
            value = data.get(name)
            if rule.type is FieldType.REFERENCE and isinstance(value, str):
                data[name] = self.renamed.get(value, value)
            elif rule.type is FieldType.REFERENCE_SET and isinstance(value, list):
                data[name] = [self.renamed.get(v, v) if isinstance(v, str) else v for v in value]
            elif rule.type is FieldType.END and isinstance(value, dict):
                cell = value.get("cell")
                if isinstance(cell, str):
                    data[name] = {**value, "cell": self.renamed.get(cell, cell)}

    def record(self, entry: _Entry, model_id: str) -> Record | None:
        """The record of an entry; None when a newer version's cannot be held here."""
        inner = entry.raw.get("extra", {})
        if not isinstance(inner, dict):
            raise self.refuse("extra must be an object", entry.place)
        skipped = native.RESERVED | ({"cells"} if entry.kind == "diagram" else set())
        data = {name: v for name, v in entry.raw.items() if name not in skipped}
        data.update(inner)
        self.follow(entry.kind, data)
        before = data.get(native.LATER_VALUES) if self.is_newer else None
        later: dict[str, Any] = dict(before) if isinstance(before, dict) else {}
        while True:
            whole = data | ({native.LATER_VALUES: later} if later else {})
            try:
                return merged(None, add(entry.kind, entry.id, whole))
            except InvalidData as error:
                if not self.is_newer or error.prop not in data:
                    self._refuse_or_leave(entry, error)
                    return None
                later[error.prop] = data.pop(error.prop)
                self.findings.kept(
                    f"{entry.kind} at {entry.place}, {error.prop}",
                    f"from a newer version: {error.reason}",
                )

    def _refuse_or_leave(self, entry: _Entry, error: InvalidData) -> None:
        if not self.is_newer or entry.kind == "threat_model":
            place = f"{entry.place}.{error.prop}" if error.prop else entry.place
            raise self.refuse(error.reason, place) from None
        self.left.append({"kind": entry.kind} | entry.raw)
        self.findings.kept(f"{entry.kind} at {entry.place}", f"from a newer version: {error.reason}")


def _objects(value: Any, place: str, reader: _Reader) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(value, list):
        raise reader.refuse("must be a list", place)
    for index, one in enumerate(value):
        where = f"{place}[{index}]"
        if not isinstance(one, dict):
            raise reader.refuse("must be an object", where)
        yield where, one


def _entries(body: Mapping[str, Any], model_id: str, reader: _Reader) -> Iterator[_Entry]:
    """Every record below the model, with ids given and cells told their diagram."""
    for kind, section in native.SECTIONS.items():
        for place, raw in _objects(body.get(section, []), section, reader):
            entry = _Entry(kind, place, raw)
            reader.give_id(entry, model_id)
            yield entry
            if kind != "diagram":
                continue
            for inner, cell in _objects(raw.get("cells", []), f"{place}.cells", reader):
                found = _Entry("cell", inner, {**cell, "diagram_id": entry.id})
                reader.give_id(found, model_id)
                yield found
    for place, raw in _objects(body.get(native.RECORDS, []), native.RECORDS, reader):
        other = raw.get("kind")
        if not isinstance(other, str) or not other or other == "threat_model":
            raise reader.refuse("kind must name the kind of the record", place)
        entry = _Entry(other, place, raw)
        reader.give_id(entry, model_id)
        yield entry


def _later_file(body: Mapping[str, Any], version: int, reader: _Reader) -> dict[str, Any]:
    """What stands at the top of the file and has no place in this version."""
    keys: dict[str, Any] = {name: value for name, value in body.items() if name not in native.TOP}
    for name in list(keys):
        try:
            keys[name] = plain_json(keys[name])
        except ValueError as error:
            reader.findings.dropped(f"{name[:60]!r} at the top of the file", str(error))
            del keys[name]
        else:
            reader.findings.kept(f"{name[:60]!r} at the top of the file", "is not known here")
    if reader.left:
        before = keys.get(native.LATER_RECORDS)
        keys[native.LATER_RECORDS] = [*(before if isinstance(before, list) else []), *reader.left]
    if not keys and version == native.VERSION:
        return {}
    return {native.LATER_FILE: {"version": version, "keys": keys}}


def _check_head(body: Any, source: str) -> int:
    if not isinstance(body, dict) or body.get("format") != native.FORMAT:
        raise UnreadableFile(source, 'is not a TMI Desktop file: it lacks "format": "tmi"')
    version = body.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version < native.MAX_VERSION:
        raise UnreadableFile(source, "must be a whole number from 1", "version")
    if not isinstance(body.get("threat_model"), dict):
        raise UnreadableFile(source, "must be an object", "threat_model")
    return version


def read(data: bytes, source: str) -> Imported:
    """The model in a native file. UnreadableFile names the file, the place in it and the reason.

    Values that may not stand refuse the file; missing, repeated or odd ids and references that lead
    nowhere are mended, and the report says so. Of a newer version all that is known is read.
    """
    body = load_json(data, source)
    version = _check_head(body, source)
    findings = Findings(source, NAME)
    reader = _Reader(source, findings, version)
    if reader.is_newer:
        findings.kept("version", f"is {version}, newer than the {native.VERSION} known here")
    top = _Entry("threat_model", "threat_model", body["threat_model"])
    reader.give_id(top, "")
    entries = list(_entries(body, top.id, reader))
    records = [one for one in (reader.record(entry, top.id) for entry in entries) if one is not None]
    top.raw = top.raw | _later_file(body, version, reader)
    model = reader.record(top, top.id)
    if model is None:
        raise reader.refuse("cannot be read", top.place)
    return finished(top.id, [model, *records], findings)
