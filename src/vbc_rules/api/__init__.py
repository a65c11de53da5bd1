"""The typed faces of a program: what its inputs are, for people, services and type checkers."""
