"""The office for programs: HTTP, the command line, and the engines it runs on."""
