"""The command line, at the edge: a command reads its rooms only when it runs."""
