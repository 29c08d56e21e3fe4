"""What the gateway takes and answers, as tables that the page and the OpenAPI file read."""
