"""What touches several objects: plain functions, one module a flow."""
