"""The JSON Schema of the configuration of ``tune``."""

from .config import TuneFile


def tune_schema() -> dict[str, object]:
    """JSON Schema (2020-12) of the file that ``tune --config`` reads."""
    schema = TuneFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "TuneConfig"}
