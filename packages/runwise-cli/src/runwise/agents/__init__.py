"""What makes a coding agent use runwise: a server in its configuration, a skill in its folder.

One file in ``clients/`` knows one client. Everything is an edit of text that can be shown before
it is made, made twice without harm, and taken back to the byte.
"""
