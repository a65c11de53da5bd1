"""Program to findings: what can be known of a file before any data arrive."""
