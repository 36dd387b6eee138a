"""What the numbers mean: frames in, frames out, no reading and no writing."""
