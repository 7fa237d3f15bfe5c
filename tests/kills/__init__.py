"""The account's process is killed while clients write; nothing is lost and nothing done twice."""
