"""The rectangle around very many rectangles, kept up to date as they come, move and go."""

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
        if whole is not None and any(a == b for a, b in zip(old, whole, strict=True)):
            self._stale = True

    def rect(self) -> QRectF:
        """The rectangle around all; null when there are none."""
        if not self._edges:
            self._whole, self._stale = None, False
            return QRectF()
        if self._stale or self._whole is None:
            lefts, tops, rights, bottoms = zip(*self._edges.values(), strict=True)
            self._whole = (min(lefts), min(tops), max(rights), max(bottoms))
            self._stale = False
        left, top, right, bottom = self._whole
        return QRectF(left, top, right - left, bottom - top)
