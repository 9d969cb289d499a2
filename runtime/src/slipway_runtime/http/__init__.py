"""The routes of the server, and what stands before them: admission, tokens, limits, logs."""
