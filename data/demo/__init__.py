"""The demonstration bureau: a fictional city, sixty months of figures, always the same."""
