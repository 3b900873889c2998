"""Contrast of two colours as WCAG 2.2 defines it (relative luminance, success criterion 1.4.3)."""


def channels(colour: str) -> tuple[float, float, float, float]:
    """Return red, green, blue, alpha in 0..1 of `#rrggbb` or `#aarrggbb`."""
    digits = colour.removeprefix("#")
    alpha = int(digits[:2], 16) / 255 if len(digits) == 8 else 1.0
    red, green, blue = (int(digits[-6:][i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue, alpha


def over(top: str, ground: str) -> str:
    """Return the opaque `#rrggbb` that a translucent `top` gives on an opaque `ground`."""
    *above, alpha = channels(top)
    below = channels(ground)[:3]
    mixed = (a * alpha + b * (1 - alpha) for a, b in zip(above, below, strict=True))
    return "#" + "".join(f"{round(value * 255):02x}" for value in mixed)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio (1..21) of two opaque colours."""
    bright, dim = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels(colour)[:3]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
