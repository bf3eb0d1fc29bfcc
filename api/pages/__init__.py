"""The manager's page: what people of the office see in a browser, drawn by the server."""
