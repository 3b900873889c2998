"""The house rules themselves: manners of the tests, layout of the rooms."""
