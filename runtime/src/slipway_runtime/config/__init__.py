"""Settings of the inference server: typed, checked as a whole, exported as a JSON Schema."""
