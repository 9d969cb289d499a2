"""Arguments of `fetch`, `push` and `wait`."""

import argparse
import json
import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slipway_runtime.oci.errors import RegistryError, RegistryUnavailable

from .errors import EXIT_CONFIG, EXIT_SOURCE, EXIT_UNAVAILABLE, TransferError
from .fetch_artifact import fetch_artifact
from .fetch_hub import fetch_hub
from .fetch_image import fetch_image
from .fetch_urls import fetch_urls
from .push_adapter import push_adapter
from .registry import RegistryOptions
from .wait import wait_for_adapter
from .wait_weights import wait_for_weights

log = logging.getLogger(__name__)

EXIT_TERMINATED = 143
"""128 + SIGTERM, what a shell reports for a process that the signal ended."""

MODEL_NAME_ANNOTATION = "sh.kaito.model.name"
"""Manifest annotation with the base model's name, as KAITO's pusher sets it."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `fetch`, `push` and `wait` commands."""
    fetch = subparsers.add_parser("fetch", help="bring datasets, adapters or weights into a folder")
    kinds = fetch.add_subparsers(dest="kind", required=True, metavar="{urls,image,artifact,hub}")

    urls = kinds.add_parser("urls", help="files from HTTP servers")
    urls.add_argument(
        "urls",
        nargs="+",
        metavar="URL",
        help="http or https URL; '#sha256=<hex>&size=<bytes>' at its end is checked and never sent",
    )
    _add_into(urls)
    urls.add_argument(
        "--allow-private-addresses",
        action="store_true",
        help="allow loopback, link-local and private addresses (tests, servers inside the cluster)",
    )
    urls.set_defaults(run=_guarded(_run_urls))

    image = kinds.add_parser("image", help="one folder of a container image")
    image.add_argument("reference", metavar="IMAGE")
    _add_into(image)
    image.add_argument("--path", default="data", help="folder inside the image (default: data)")
    _add_registry(image)
    _add_architecture(image)
    image.set_defaults(run=_guarded(_run_image))

    artifact = kinds.add_parser("artifact", help="the files of an OCI artifact (model weights)")
    artifact.add_argument("reference", metavar="ARTIFACT")
    _add_into(artifact)
    _add_registry(artifact)
    _add_architecture(artifact)
    artifact.set_defaults(run=_guarded(_run_artifact))

    hub = kinds.add_parser("hub", help="the weights of a model from the Hugging Face hub; HF_TOKEN is its token")
    hub.add_argument("model", metavar="OWNER/MODEL")
    hub.add_argument("--revision", help="commit, tag or branch; a commit is the only one that stays")
    _add_into(hub)
    hub.set_defaults(run=_guarded(_run_hub))

    wait = subparsers.add_parser("wait", help="wait for what another pod brings")
    things = wait.add_subparsers(dest="kind", required=True, metavar="{weights}")
    weights = things.add_parser("weights", help="until `fetch` in another pod has filled a folder that both mount")
    weights.add_argument("folder", type=Path, metavar="FOLDER")
    weights.add_argument("--wait-seconds", type=float, required=True, help="give up after so long; 0 looks once")
    weights.set_defaults(run=_guarded(_run_wait))

    push = subparsers.add_parser("push", help="push a finished adapter as an image")
    push.add_argument("reference", metavar="IMAGE", help="registry/repository:tag")
    push.add_argument("--from", dest="folder", type=Path, required=True, help="output folder of `tune`")
    push.add_argument("--model-name", help=f"base model, for the annotation {MODEL_NAME_ANNOTATION}")
    push.add_argument("--annotation", action="append", default=[], metavar="KEY=VALUE", type=_annotation)
    push.add_argument(
        "--wait-seconds",
        type=float,
        help="how long to wait for the sentinel; 0: it has to be there (default: no limit)",
    )
    push.add_argument(
        "--stale-seconds",
        type=float,
        default=600.0,
        help="give up when the tuning program's progress file is older (default: 600)",
    )
    push.add_argument("--result-file", type=Path, help="where to write image, digest and sizes as JSON")
    _add_registry(push)
    push.set_defaults(run=_guarded(_run_push))


def _add_into(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER", help="destination, made if absent")


def _add_registry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--auth-file",
        action="append",
        default=[],
        type=Path,
        help="docker config.json, or a folder of such files; may be repeated"
        " (default: DOCKER_CONFIG, ~/.docker/config.json and ~/.docker/config.d)",
    )
    parser.add_argument("--plain-http", action="store_true", help="talk HTTP without TLS to the registry")


def _add_architecture(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--architecture", default="amd64", help="of a multi-platform image (default: amd64)")


def _annotation(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


def _options(arguments: argparse.Namespace) -> RegistryOptions:
    return RegistryOptions(
        auth_paths=tuple(arguments.auth_file),
        plain_http=arguments.plain_http,
        architecture=getattr(arguments, "architecture", "amd64"),
    )


def _run_urls(arguments: argparse.Namespace) -> dict[str, Any]:
    files = fetch_urls(arguments.urls, arguments.into, allow_private=arguments.allow_private_addresses)
    return {"files": [str(file) for file in files]}


def _run_image(arguments: argparse.Namespace) -> dict[str, Any]:
    return {"digest": fetch_image(arguments.reference, arguments.path, arguments.into, _options(arguments))}


def _run_artifact(arguments: argparse.Namespace) -> dict[str, Any]:
    return {"digest": fetch_artifact(arguments.reference, arguments.into, _options(arguments))}


def _run_hub(arguments: argparse.Namespace) -> dict[str, Any]:
    return {"commit": fetch_hub(arguments.model, arguments.revision, arguments.into)}


def _run_wait(arguments: argparse.Namespace) -> dict[str, Any]:
    seconds = wait_for_weights(arguments.folder, wait_seconds=arguments.wait_seconds)
    return {"waited_seconds": round(seconds, 1)}


def _run_push(arguments: argparse.Namespace) -> dict[str, Any]:
    wait_for_adapter(arguments.folder, wait_seconds=arguments.wait_seconds, stale_seconds=arguments.stale_seconds)
    annotations = dict(arguments.annotation)
    if arguments.model_name:
        annotations[MODEL_NAME_ANNOTATION] = arguments.model_name
    result = push_adapter(arguments.folder, arguments.reference, annotations, _options(arguments))
    if arguments.result_file:
        arguments.result_file.write_text(json.dumps(result) + "\n", encoding="utf-8")
    return result


def _guarded(run: Callable[[argparse.Namespace], dict[str, Any]]) -> Callable[[argparse.Namespace], int]:
    """Turn results into a line on stdout and errors into a line on stderr with their exit code."""

    def guarded(arguments: argparse.Namespace) -> int:
        # What is going on is told on stderr; stdout has the result alone.
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        # Process 1 of a container ignores SIGTERM unless it asks for it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(EXIT_TERMINATED))
        try:
            print(json.dumps(run(arguments)), flush=True)
            return 0
        except TransferError as error:
            return _fail(str(error), error.exit_code)
        except RegistryError as error:
            return _fail(str(error), EXIT_SOURCE)
        except RegistryUnavailable as error:
            return _fail(str(error), EXIT_UNAVAILABLE)
        except OSError as error:
            return _fail(f"{error.filename or 'file system'}: {error.strerror or error}", EXIT_CONFIG)

    return guarded


def _fail(message: str, exit_code: int) -> int:
    print(f"error: {message}", file=sys.stderr, flush=True)
    return exit_code
