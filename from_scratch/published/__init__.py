"""Three published programs reproduced, and what was wrong with two of them."""
