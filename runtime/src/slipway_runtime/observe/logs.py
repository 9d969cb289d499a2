"""One JSON object a line, with the request's id."""

import contextvars
import json
import logging
import sys
import time
from typing import Literal

#: Id of the request that is being answered, for every line that is logged meanwhile.
request_id_variable: contextvars.ContextVar[str | None] = contextvars.ContextVar("request_id", default=None)


class JsonFormatter(logging.Formatter):
    """Time in UTC, level, logger, message, request id, and what a line brings in ``extra={"fields": ...}``."""

    def format(self, record: logging.LogRecord) -> str:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, object] = {
            "time": f"{seconds}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        request_id = request_id_variable.get()
        if request_id is not None:
            line["request_id"] = request_id
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line |= fields
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_logging(style: Literal["json", "text"], level: int = logging.INFO) -> None:
    """Send every logger of the process to stderr in one format."""
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if style == "json" else text)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # uvicorn's access lines would repeat ours; httpx logs every request.
    for noisy in ("uvicorn.access", "httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def vllm_logging_config(style: Literal["json", "text"]) -> dict[str, object]:
    """The configuration that vLLM reads from the file named by ``VLLM_LOGGING_CONFIG_PATH``."""
    text = {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
    formatter = {"()": "slipway_runtime.observe.logs.JsonFormatter"} if style == "json" else text
    handler = {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"line": handler},
        "loggers": {"vllm": {"handlers": ["line"], "level": "INFO", "propagate": False}},
    }
