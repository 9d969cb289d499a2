"""The applications that do the work."""

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from .chat import ChatRoute
from .context import ServingContext
from .models import ModelsRoute
from .openai.chat_completions import ChatCompletionsRoute
from .openai.completions import CompletionsRoute
from .openai.tokens import TokenRoutes
from .plain import EXCEPTION_HANDLERS


def common_routes(context: ServingContext) -> list[Route]:
    """Routes that are ours on every backend."""
    models = ModelsRoute(context)
    return [
        Route("/chat", ChatRoute(context).__call__, methods=["POST"]),
        Route("/v1/models", models.list),
        Route("/v1/models/{name:path}", models.get),
    ]


def transformers_app(context: ServingContext) -> ASGIApp:
    """Everything that the transformers backend answers."""
    tokens = TokenRoutes(context)
    routes = [
        *common_routes(context),
        Route("/v1/chat/completions", ChatCompletionsRoute(context).__call__, methods=["POST"]),
        Route("/v1/completions", CompletionsRoute(context).__call__, methods=["POST"]),
        Route("/tokenize", tokens.tokenize, methods=["POST"]),
        Route("/detokenize", tokens.detokenize, methods=["POST"]),
    ]
    return Starlette(routes=routes, exception_handlers=EXCEPTION_HANDLERS)


def around_vllm(context: ServingContext, vllm: ASGIApp) -> ASGIApp:
    """Our common routes, and vLLM's application for the rest."""
    ours = Starlette(routes=common_routes(context), exception_handlers=EXCEPTION_HANDLERS)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        mine = path in ("/chat", "/v1/models") or path.startswith("/v1/models/")
        await (ours if mine else vllm)(scope, receive, send)

    return app
