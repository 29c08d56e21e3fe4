"""What runs in the background: how it is claimed, carried out, retried and recovered."""
