"""The pure compliance engine: frozen facts in, a verdict out. Standard library only, no clock, no database."""
