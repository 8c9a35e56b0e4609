"""What offline archives share: texts in a zip or plain, and runs whose history is events."""
