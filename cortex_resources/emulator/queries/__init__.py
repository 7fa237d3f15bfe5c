"""Data statements with Snowflake's semantics: SELECT, DML, column types, the cells of a reply.

`entry` is the way in, and loads the whole compiler. Types, columns and the wire's cells are light:
the account uses them from its start.
"""
