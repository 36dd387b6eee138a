"""How is a frame drawn? Frames in, charts out; used by pages and by documents alike."""
