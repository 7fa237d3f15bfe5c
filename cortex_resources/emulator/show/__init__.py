"""SHOW, DESCRIBE and INFORMATION_SCHEMA: what exists, with Snowflake's columns."""
