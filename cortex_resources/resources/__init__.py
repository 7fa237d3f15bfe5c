"""What programs declare: typed resources, the component, the wait, a whole stack."""
