"""What has just happened, told to whoever listens in this process."""
