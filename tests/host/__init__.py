"""The real dynamic provider host, driven over gRPC against a real local account."""
