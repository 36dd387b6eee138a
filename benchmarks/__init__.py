"""What the speed claims rest on: the same answer by us and by others, in one run."""
