"""Is a return sound: its form, its cells, and what its numbers say of each other?"""
