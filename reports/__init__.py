"""How do figures leave the product as documents? Frames and charts in, bytes out."""
