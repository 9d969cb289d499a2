"""LoRA adapters: found, checked, and brought to their strengths before a backend sees them."""
