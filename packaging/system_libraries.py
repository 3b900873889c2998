"""Print the Debian packages whose parts Qt misses on this Linux machine, one per line.

Runs on any Python; `--display` also asks for what a window on an X display needs.
"""

import ctypes
import os
import sys

ALWAYS = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
ON_DISPLAY = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
}
FONT_PACKAGE = "fonts-dejavu-core"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
FONT_ENDINGS = (".ttf", ".otf", ".ttc", ".pfb")


def is_loadable(library: str) -> bool:
    """Whether the loader finds the library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_font() -> bool:
    """Whether any font that can be scaled lies where fontconfig looks."""
    return any(
        name.lower().endswith(FONT_ENDINGS)
        for folder in FONT_FOLDERS
        for _, _, names in os.walk(os.path.expanduser(folder))
        for name in names
    )


def missing_packages(with_display: bool) -> list[str]:
    """Names of the Debian packages to install."""
    wanted = {**ALWAYS, **ON_DISPLAY} if with_display else ALWAYS
    packages = [package for library, package in wanted.items() if not is_loadable(library)]
    return packages if has_font() else [*packages, FONT_PACKAGE]


if __name__ == "__main__":
    print("\n".join(missing_packages("--display" in sys.argv[1:])))
