"""The rectangle around very many rectangles, kept up to date as they come, move and go."""

from collections.abc import Collection

from PySide6.QtCore import QRectF

Edges = tuple[float, float, float, float]


class Extent:
    """Looks at all rectangles again only after one that lay at the edge has moved inwards or gone."""

    def __init__(self) -> None:
        self._edges: dict[str, Edges] = {}
        self._whole: Edges | None = None
        self._stale = False

    def put(self, key: str, rect: QRectF) -> None:
        """A rectangle is there now, or elsewhere than before."""
        edges = (rect.left(), rect.top(), rect.right(), rect.bottom())
        old = self._edges.get(key)
        if old == edges:
            return
        self._edges[key] = edges
        if old is not None:
            self._leave(old)
        if self._whole is None:
            self._whole = edges
        elif not self._stale:
            whole = self._whole
            self._whole = (
                min(whole[0], edges[0]), min(whole[1], edges[1]),
                max(whole[2], edges[2]), max(whole[3], edges[3]),
            )  # fmt: skip

    def drop(self, key: str) -> None:
        """A rectangle is gone."""
        old = self._edges.pop(key, None)
        if old is not None:
            self._leave(old)

    def _leave(self, old: Edges) -> None:
        whole = self._whole
        if whole is not None and not self._stale:
            self._stale = old[0] == whole[0] or old[1] == whole[1] or old[2] == whole[2] or old[3] == whole[3]

    def rect(self) -> QRectF:
        """The rectangle around all; null when there are none."""
        if not self._edges:
            self._whole, self._stale = None, False
            return QRectF()
        if self._stale or self._whole is None:
            self._whole = _around(self._edges.values())
            self._stale = False
        return _rect(self._whole)

    def edges(self, key: str) -> Edges:
        """Left, top, right and bottom of one rectangle."""
        return self._edges[key]

    def parted(self, keys: Collection[str]) -> tuple[QRectF, QRectF]:
        """The rectangle around those named, and the one around the others; null where there are none."""
        named = _around([self._edges[key] for key in keys if key in self._edges])
        others = _around([edges for key, edges in self._edges.items() if key not in keys])
        return _rect(named), _rect(others)


def _around(all_edges: Collection[Edges]) -> Edges | None:
    if not all_edges:
        return None
    return (
        min([edges[0] for edges in all_edges]),
        min([edges[1] for edges in all_edges]),
        max([edges[2] for edges in all_edges]),
        max([edges[3] for edges in all_edges]),
    )


def _rect(edges: Edges | None) -> QRectF:
    if edges is None:
        return QRectF()
    left, top, right, bottom = edges
    return QRectF(left, top, right - left, bottom - top)
