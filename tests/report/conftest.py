"""Loaded before the tests here import nbformat, so that it starts quickly."""

import animestudy.report  # noqa: F401
