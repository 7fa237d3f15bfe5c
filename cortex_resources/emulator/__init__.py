"""The local account: a Snowflake endpoint in one process and one file."""
