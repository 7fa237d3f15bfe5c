"""Functions by Snowflake name."""
