"""Data statements with Snowflake's semantics: SELECT, DML, column types, the cells of a reply."""
