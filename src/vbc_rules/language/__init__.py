"""Tree to document: the sections of a rule file, the formula grammar, the types and their units."""
