"""One thread, many actors: whose statement runs next is a throw of the dice, and so is who dies."""
