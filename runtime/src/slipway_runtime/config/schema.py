"""The JSON Schema of the configuration of ``serve``."""

from .serve import ServeSettings


def serve_schema() -> dict[str, object]:
    """JSON Schema (2020-12) of the file that ``serve --config`` reads."""
    schema = ServeSettings.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "ServeConfig",
    }
