"""What a browser shows for an invite link: that the link is for the desktop. It never sees the secret."""

from litestar import MediaType, Response, get
from litestar.types import ControllerRouterHandler

from sync.server.auth import pages
from sync.server.auth.headers import page_headers
from sync.server.auth.invites import JOIN_PATH

TEXT = (
    "This is an invitation to a threat model. Copy the whole link from your browser's address bar and "
    "paste it into TMI Desktop: File, Join a shared model."
)


@get(JOIN_PATH, include_in_schema=False)
async def join() -> Response[str]:
    """Say what to do with the link."""
    page = pages.message("You are invited", TEXT)
    return Response(page, media_type=MediaType.HTML, headers=page_headers())


HANDLERS: list[ControllerRouterHandler] = [join]
