# The Terraform provider for Snowflake under OpenTofu: applies, plans no changes, sees drift, destroys.
exec python3 shows.py
