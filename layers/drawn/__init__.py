"""What tiles are drawn from: a table per layer in Web Mercator, kept as the registers are, in the same transaction."""
