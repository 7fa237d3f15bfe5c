"""The HTTP protocol that Snowflake's drivers speak."""
