"""Where numbers come from and where they live."""
