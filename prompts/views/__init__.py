"""One module a resource; a view loads and authorises, calls one verb, and renders."""
