"""What the application takes from identity: route handlers, and the API's endpoints."""

from litestar.types import ControllerRouterHandler

from sync.server.auth import endpoints, join_page, sign_in_page
from sync.server.auth.rest import ENDPOINTS

__all__ = ["ENDPOINTS", "auth_routes"]


def auth_routes() -> list[ControllerRouterHandler]:
    """The handlers that speak OAuth or HTML; the API's own endpoints are `ENDPOINTS`."""
    return [*endpoints.HANDLERS, *sign_in_page.HANDLERS, *join_page.HANDLERS]
