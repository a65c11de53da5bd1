"""Document to resolved program: names bound to levels, every expression typed, every shape laid bare."""
