"""What earlier calls learned of runs, kept in the user's cache directory."""
