"""What the scenarios share: a recording upstream with scripted answers, and the truth that frameworks tell in process."""
