"""The page: what a manager and an operator see of a running campaign. Read only."""
