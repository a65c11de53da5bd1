"""One module per check, named by its code; its docstring is its documentation page."""
