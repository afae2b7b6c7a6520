"""The rules that hold between entries; each is a function from a draft to its faults."""
