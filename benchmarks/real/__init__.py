"""Real public data through the same commands: what each source's published figures come to."""
