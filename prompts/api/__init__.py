"""The gateway: the Astria API over the portal's own models, forms and engines."""
