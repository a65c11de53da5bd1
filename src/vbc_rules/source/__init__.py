"""Bytes to a tree of text with spans: the strict reader, and diagnostics as data."""
