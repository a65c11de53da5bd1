"""A made-up state, its programs, and what they pay: see `examples/statewide.py`."""
