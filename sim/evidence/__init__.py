"""Evidence: a campaign through scenarios, possible markets and luck, against simpler policies, and what follows."""
