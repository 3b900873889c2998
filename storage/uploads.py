"""The logs of models that grew up elsewhere, taken over as they are: same numbers, bytes and hashes."""

from collections.abc import Sequence

import sqlalchemy as sa

from app.domain.errors import LibraryError
from app.ports import Staged
from app.ports_server import Conflict
from storage.commits import extend, read_heads
from storage.database import Database
from storage.dialect import insertion, put_many
from storage.rooms import check_head, numbered, touched_rows
from storage.server_tables import TOUCHED
from storage.snapshots import Snapshots


class SqlUploads:
    """`app.ports_server.Uploads` on a database."""

    def __init__(self, database: Database, snapshots: Snapshots) -> None:
        self._database = database
        self._snapshots = snapshots

    def adopt(
        self, model_id: str, base_sequence: int, staged: Sequence[Staged], owner: str, head_hash: bytes
    ) -> None:
        """Append a part of a log in one transaction, all of it or nothing; the first part makes the model.

        Outcomes are not kept: the events themselves tell that their operations were here. Conflict when
        the log would not end in `head_hash`, HeadMoved when it does not stand at `base_sequence`.
        """

        def work(connection: sa.Connection) -> bool:
            head = read_heads(connection, [model_id])[model_id]
            check_head(connection, head, base_sequence)
            commits, _ = numbered(model_id, base_sequence, staged)
            if len(commits) != len(staged):
                raise LibraryError("an operation without effect has no place in a log")
            extend(connection, {model_id: head}, commits, "" if base_sequence else owner)
            if head.hash != head_hash:
                raise Conflict("the log would not be stored as it was written")
            touched = [row for commit in commits for row in touched_rows(commit)]
            put_many(connection, insertion(TOUCHED), touched)
            return head.grown

        grown: bool = bool(staged) and self._database.write(work)
        if grown:
            self._snapshots.want(model_id)
