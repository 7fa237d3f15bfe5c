"""Infrastructure as code for Snowflake Cortex fine-tuning."""
