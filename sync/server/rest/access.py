"""Who may do what with a model, and groups with their members."""

from typing import Any, Final, cast

from app.domain.ids import new_id
from app.ports_server import Filter, Grant, Group, SubjectType, User
from app.ports_server import Role as RoleName
from sync.server.errors import Problem
from sync.server.responses import Answer, Paging, timestamp
from sync.server.rest import shapes as s
from sync.server.rest.endpoint import Call, Endpoint, Query
from sync.server.rest.records import PAGES, sort_of, wanted_slice

MOST_GRANTS: Final = 1000
_SUBJECT: Final = {
    "subject_type": s.words("user", "group"),
    "subject_id": s.ID,
    "role": s.words("reader", "writer", "owner"),
}
_NAME: Final = s.text(200, 1)
_LONG: Final = s.text(2000)


def access_shapes() -> dict[str, s.Shape]:
    """The schemas of grants, groups, members and people."""
    grant = {
        **_SUBJECT, "id": s.ID, "name": {"type": "string"}, "granted_by": {"type": "string"},
        "expires_at": s.nullable({"type": "string"}), "created_at": s.MOMENT, "updated_at": s.MOMENT,
    }  # fmt: skip
    group = {
        "id": s.ID, "provider": {"type": "string"}, "group_name": {"type": "string"},
        "name": {"type": "string"}, "description": {"type": "string"},
        "member_count": {"type": "integer"}, "first_used": s.MOMENT, "last_used": s.MOMENT,
    }  # fmt: skip
    member = {
        "id": s.ID,
        "name": {"type": "string"},
        "email": {"type": "string"},
        "provider": {"type": "string"},
    }
    person = {"id": s.ID, "name": {"type": "string"}}
    return {
        "Grant": s.thing(grant, tuple(grant)),
        "GrantRequest": s.thing(_SUBJECT, tuple(_SUBJECT)),
        "Group": s.thing(group, tuple(group)),
        "GroupCreate": s.thing(
            {"group_name": _NAME, "name": s.text(200), "description": _LONG}, ("group_name",)
        ),
        "GroupUpdate": s.thing({"name": s.text(200), "description": _LONG}),
        "Member": s.thing(member, tuple(member)),
        "Person": s.thing(person, tuple(person)),
    }


def _grant(one: Grant) -> dict[str, Any]:
    return {
        "id": one.id, "subject_type": one.subject_type, "subject_id": one.subject_id, "role": one.role,
        "name": one.name, "granted_by": one.granted_by,
        "expires_at": timestamp(one.expires_at) if one.expires_at else None,
        "created_at": one.created_at, "updated_at": one.modified_at,
    }  # fmt: skip


def _group(one: Group) -> dict[str, Any]:
    return {
        "id": one.id, "provider": one.provider, "group_name": one.group_name, "name": one.name,
        "description": one.description, "member_count": one.members, "first_used": one.first_used,
        "last_used": one.last_used,
    }  # fmt: skip


def _member(one: User) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "email": one.email, "provider": one.provider}


def shown_name(one: User) -> str:
    """What others may know somebody by: never the address, which some providers give for a name."""
    return one.name if one.name != one.email else one.name.partition("@")[0]


async def list_people(call: Call) -> Answer:
    """The names of all who have had to do with the model, whoever wrote in it among them."""
    held = await call.services.blocking(call.services.stores.catalogue.people, call.model_id)
    return Answer(data=[{"id": one.id, "name": shown_name(one)} for one in held])


async def list_access(call: Call) -> Answer:
    """The access list of the model."""
    held = await call.services.blocking(call.services.stores.access.grants, call.model_id)
    return Answer(data=[_grant(one) for one in held])


async def grant(call: Call) -> Answer:
    """Give or change a role of one user or group."""
    body = call.body
    made = await call.services.blocking(
        call.services.stores.access.grant, call.model_id, body["subject_type"], body["subject_id"],
        body["role"], granted_by=call.principal.user_id, now=call.now,
    )  # fmt: skip
    await call.note("role_granted", body["subject_id"], role=body["role"], type=body["subject_type"])
    await _changed(call)
    return Answer(data=_grant(made), status=201)


async def replace_access(call: Call) -> Answer:
    """Make the access list exactly this."""
    wanted = [(one["subject_type"], one["subject_id"], one["role"]) for one in call.body["items"]]
    if len({one[:2] for one in wanted}) < len(wanted):
        raise Problem("VALIDATION_ERROR", "Somebody is there twice")
    await call.services.blocking(
        call.services.stores.access.replace, call.model_id,
        cast("list[tuple[SubjectType, str, RoleName]]", wanted),
        granted_by=call.principal.user_id, now=call.now,
    )  # fmt: skip
    await call.note("access_replaced", call.model_id, entries=[list(one) for one in wanted])
    await _changed(call)
    return await list_access(call)


async def revoke(call: Call) -> Answer:
    """Take a role away."""
    subject_type = cast(SubjectType, call.path["subject_type"])
    done = await call.services.blocking(
        call.services.stores.access.revoke, call.model_id, subject_type, call.path["subject_id"], call.now
    )
    if not done:
        raise Problem("NOT_FOUND", "They have no role of their own")
    await call.note("role_revoked", call.path["subject_id"], type=subject_type)
    await _changed(call)
    return Answer(data={"subject_type": subject_type, "subject_id": call.path["subject_id"]})


async def _changed(call: Call) -> None:
    """Whoever is connected is judged anew."""
    await call.services.rooms.access_changed(call.model_id)


async def list_groups(call: Call) -> Answer:
    """The groups that there are."""
    page, part = wanted_slice(call, "group_name")
    text = call.query.get("group_name")
    filters = [Filter("group_name", "contains", text)] if text else []
    held = await call.services.blocking(call.services.stores.groups.page, part, filters)
    return Answer(data=[_group(one) for one in held.items], paging=Paging(page, part.limit, held.total))


async def create_group(call: Call) -> Answer:
    """A new group of this server."""
    body = call.body
    group = Group(
        id=new_id(), provider="local", group_name=body["group_name"],
        name=body.get("name") or body["group_name"], description=body.get("description", ""),
    )  # fmt: skip
    made = await call.services.blocking(call.services.stores.groups.create, group, call.now)
    await call.note("group_created", made.id, name=made.group_name)
    return Answer(data=_group(made), status=201, headers={"Location": f"/groups/{made.id}"})


async def _found(call: Call) -> Group:
    group = await call.services.blocking(call.services.stores.groups.get, call.path["group_id"])
    if group is None:
        raise Problem("NOT_FOUND", "There is no such group")
    return group


async def read_group(call: Call) -> Answer:
    """One group."""
    return Answer(data=_group(await _found(call)))


async def update_group(call: Call) -> Answer:
    """Change what is shown of a group."""
    group = await _found(call)
    made = await call.services.blocking(
        call.services.stores.groups.change, group.id,
        name=call.body.get("name", group.name), description=call.body.get("description", group.description),
    )  # fmt: skip
    await call.note("group_changed", group.id, name=group.group_name)
    return Answer(data=_group(made))


async def delete_group(call: Call) -> Answer:
    """Remove a group with its memberships and grants."""
    group = await _found(call)
    await call.services.blocking(call.services.stores.groups.delete, group.id)
    await call.note("group_deleted", group.id, name=group.group_name)
    return Answer(data={"id": group.id})


async def list_members(call: Call) -> Answer:
    """The users of a group."""
    group = await _found(call)
    held = await call.services.blocking(call.services.stores.groups.members, group.id)
    return Answer(data=[_member(one) for one in held])


async def add_member(call: Call) -> Answer:
    """Put a user into a group."""
    group, user_id = await _found(call), call.body["user_id"]
    user = await call.services.blocking(call.services.stores.users.get, user_id)
    if user is None:
        raise Problem("NOT_FOUND", "There is no such user")
    added = await call.services.blocking(call.services.stores.groups.add_member, group.id, user_id, call.now)
    if not added:
        raise Problem("CONFLICT", "They are in the group already")
    await call.note("member_added", user_id, group=group.id)
    return Answer(data=_member(user), status=201)


async def remove_member(call: Call) -> Answer:
    """Take a user out of a group."""
    group, user_id = await _found(call), call.path["user_id"]
    if not await call.services.blocking(call.services.stores.groups.remove_member, group.id, user_id):
        raise Problem("NOT_FOUND", "They are not in the group")
    await call.note("member_removed", user_id, group=group.id)
    return Answer(data={"id": user_id})


def endpoints() -> list[Endpoint]:
    """The table of access lists and groups."""
    access, group, groups = "/threat_models/{threat_model_id}/access", "/groups/{group_id}", "/groups"
    one, many, tag = s.ref("Grant"), s.listed(s.ref("Grant")), "access"
    names = {"subject_type": {"type": "string"}, "subject_id": s.ID}
    subject = s.thing(names, tuple(names))
    items = s.thing({"items": s.listed(s.ref("GrantRequest"), MOST_GRANTS, 1)}, ("items",))
    which = s.thing({"id": s.ID}, ("id",))
    member = s.thing({"user_id": s.ID}, ("user_id",))
    order = sort_of(("group_name", "name", "last_used"))
    query = (*PAGES, order, Query("group_name", s.text(200), "holds this text"))
    return [
        Endpoint(method="GET", path=access, name="list_access", tag=tag, needs="reader", run=list_access,
                 data=many),
        Endpoint(method="POST", path=access, name="grant_access", tag=tag, needs="owner", run=grant,
                 data=one, body=s.ref("GrantRequest"), status=201, errors=("CONFLICT",)),
        Endpoint(method="PUT", path=access, name="replace_access", tag=tag, needs="owner",
                 run=replace_access, data=many, body=items, errors=("CONFLICT",)),
        Endpoint(method="DELETE", path=f"{access}/{{subject_type}}/{{subject_id}}", name="revoke_access",
                 tag=tag, needs="owner", run=revoke, data=subject, errors=("CONFLICT",)),
        Endpoint(method="GET", path="/threat_models/{threat_model_id}/people", name="list_people", tag=tag,
                 needs="reader", run=list_people, data=s.listed(s.ref("Person"))),
        Endpoint(method="GET", path=groups, name="list_groups", tag="groups", needs="account",
                 run=list_groups, data=s.listed(s.ref("Group")), query=query),
        Endpoint(method="POST", path=groups, name="create_group", tag="groups", needs="administrator",
                 run=create_group, data=s.ref("Group"), body=s.ref("GroupCreate"), status=201,
                 errors=("CONFLICT",)),
        Endpoint(method="GET", path=group, name="read_group", tag="groups", needs="account", run=read_group,
                 data=s.ref("Group")),
        Endpoint(method="PATCH", path=group, name="update_group", tag="groups", needs="administrator",
                 run=update_group, data=s.ref("Group"), body=s.ref("GroupUpdate")),
        Endpoint(method="DELETE", path=group, name="delete_group", tag="groups", needs="administrator",
                 run=delete_group, data=which, errors=("CONFLICT",)),
        Endpoint(method="GET", path=f"{group}/members", name="list_members", tag="groups", needs="account",
                 run=list_members, data=s.listed(s.ref("Member"))),
        Endpoint(method="POST", path=f"{group}/members", name="add_member", tag="groups",
                 needs="administrator", run=add_member, data=s.ref("Member"), body=member, status=201,
                 errors=("CONFLICT",)),
        Endpoint(method="DELETE", path=f"{group}/members/{{user_id}}", name="remove_member", tag="groups",
                 needs="administrator", run=remove_member, data=which),
    ]  # fmt: skip
