"""Checked program to plan: where each input stands in a row, what every slot may hold, in what order it is computed."""
