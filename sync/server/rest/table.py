"""All endpoints of the API and all named schemas, put together once."""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Final

from sync.server.rest import access, health, history, metadata, models, sessions, uploads
from sync.server.rest import shapes as s
from sync.server.rest.diagrams import DIAGRAMS, diagram_shapes
from sync.server.rest.endpoint import Endpoint
from sync.server.rest.records import RESOURCES, Handlers

PARAMETERS: Final[Mapping[str, s.Shape]] = {
    "threat_model_id": s.ID,
    "record_id": s.ID,
    "group_id": s.ID,
    "user_id": s.ID,
    "subject_id": s.ID,
    "subject_type": s.words("user", "group"),
    "key": metadata.KEY,
    "sequence_number": {"type": "string", "pattern": "^[1-9][0-9]{0,14}$"},
}


def schemas() -> dict[str, s.Shape]:
    """The named schemas."""
    made = {**models.model_shapes(), **access.access_shapes(), **history.history_shapes()}
    made |= uploads.upload_shapes()
    made |= {**sessions.session_shapes(), **health.health_shapes(), "MetadataEntry": metadata.ENTRY}
    for one in RESOURCES:
        made |= s.kind_shapes(one.kind, one.schema)
    return made | diagram_shapes()


def _settled(one: Endpoint) -> Endpoint:
    """With the schemas of what stands in its address, and words from its handler."""
    names = re.findall(r"\{(\w+)\}", one.path)
    parameters = {name: one.parameters.get(name) or PARAMETERS.get(name) or s.ID for name in names}
    text = one.text or (one.run.__doc__ or one.name).strip()
    return dataclasses.replace(one, parameters=parameters, text=text)


def all_endpoints(more: Iterable[Endpoint] = ()) -> list[Endpoint]:
    """Every endpoint; `more` are those that other rooms bring."""
    made = [*health.endpoints(), *models.endpoints(), *DIAGRAMS.endpoints()]
    for resource in RESOURCES[1:]:
        made += Handlers(resource).endpoints()
    made += [*metadata.endpoints(), *access.endpoints(), *history.endpoints(), *sessions.endpoints()]
    made += [*uploads.endpoints(), *more]
    return [_settled(one) for one in made]
