"""Icons, styles, samples and translations: data, reached with importlib.resources."""
