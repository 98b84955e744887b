"""The named people and places that every story uses, made through the same doors that the site uses."""
