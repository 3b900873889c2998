"""The collaboration server: REST, live channel, identity. `create_app` in app.py puts it together."""
