"""Filters: which runs are meant by what somebody says of them."""
