"""The OpenAPI document of the routes that both backends have."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from slipway_runtime import __version__

from .chat_request import ChatRequest, GenerateOptions
from .openai.requests import ChatCompletionRequest, CompletionRequest
from .openai.tokens import DetokenizeRequest, TokenizeRequest

_POST: dict[str, tuple[str, type[BaseModel]]] = {
    "/chat": ("Continue a prompt or answer a conversation (KAITO's route)", ChatRequest),
    "/v1/chat/completions": ("Answer a conversation (OpenAI)", ChatCompletionRequest),
    "/v1/completions": ("Continue a prompt (OpenAI)", CompletionRequest),
    "/tokenize": ("Text to token ids", TokenizeRequest),
    "/detokenize": ("Token ids to text", DetokenizeRequest),
}
_GET = {
    "/": "Greeting",
    "/health": "200 if requests are answered",
    "/healthz": "Same as /health",
    "/livez": "Liveness probe",
    "/readyz": "Readiness probe",
    "/startupz": "Startup probe: phase and progress",
    "/metrics": "Prometheus metrics; KAITO's JSON with Accept: application/json",
    "/metrics.json": "GPU and CPU as JSON",
    "/version": "Version and backend",
    "/v1/models": "Model ids",
    "/openapi.json": "This document",
}
_RESULT = {
    "type": "object",
    "properties": {"Result": {"type": "string"}},
    "required": ["Result"],
    "additionalProperties": False,
}


def openapi_document() -> dict[str, object]:
    """OpenAPI 3.1. With vLLM the server has more routes; those are vLLM's and described by vLLM."""
    models: list[type[BaseModel]] = [*(model for _, model in _POST.values()), GenerateOptions]
    _, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    schemas: dict[str, Any] = dict(definitions["$defs"])
    options = schemas["ChatRequest"]["properties"]["generate_kwargs"]
    options["anyOf"] = [{"$ref": "#/components/schemas/GenerateOptions"}, {"type": "null"}]
    schemas["ChatResult"] = _RESULT
    paths: dict[str, Any] = {
        path: {"get": {"summary": summary, "responses": _responses(path)}} for path, summary in _GET.items()
    }
    for path, (summary, model) in _POST.items():
        body = {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}
        paths[path] = {
            "post": {
                "summary": summary,
                "requestBody": {"required": True, "content": body},
                "responses": _responses(path),
            }
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Slipway inference server", "version": __version__},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _responses(path: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Answered"}
    if path == "/chat":
        answer["content"] = {"application/json": {"schema": {"$ref": "#/components/schemas/ChatResult"}}}
    if path in _GET:
        return {"200": answer}
    return {
        "200": answer,
        "400": {"description": "The request cannot be honoured; the message says which field and why"},
        "401": {"description": "A bearer token is needed"},
        "413": {"description": "The body is too large"},
        "429": {"description": "The queue is full; Retry-After says when to come again"},
        "503": {"description": "Not ready, or shutting down"},
        "504": {"description": "Not finished in time"},
    }
