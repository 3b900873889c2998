"""The REST interface: a table of endpoints, from which routes and the OpenAPI document are made."""
