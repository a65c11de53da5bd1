"""The codes of what can be wrong with a file of rule tests; its unknown and missing keys have those of rule files."""

from __future__ import annotations

from typing import Final

OTHER_PROGRAM: Final = "VBC960"
"""The tests are for another program than the one beside them."""
NO_SUCH_NAME: Final = "VBC961"
"""A name that the program does not have where it is written."""
BAD_VALUE: Final = "VBC962"
"""An expected value that is not written as its type wants."""
BAD_ABSENCE: Final = "VBC963"
"""An absence that nothing here can have."""
BAD_FORM: Final = "VBC964"
"""A block where one value belongs, one value where members or items belong."""
SAME_NAME: Final = "VBC965"
"""Two tests of one name."""
OUTCOME: Final = "VBC966"
"""A test without what must come out, or with two kinds of it."""
