"""Plan and inputs to results: the oracle that defines the meaning, and the engines that must equal it."""
