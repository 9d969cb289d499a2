"""The options of the vLLM that is installed here, for those who check a configuration before it reaches a GPU."""

import argparse

#: Options that are no settings of a server.
_NOT_SETTINGS = {"help", "config"}


def options_document() -> dict[str, object]:
    """Version of vLLM, and each option of its OpenAI server by its flag, with what it takes.

    ``takes`` is ``nothing`` (a switch), ``value`` or ``values`` (one or more words); ``choices`` are the words that an
    option is restricted to; ``negation`` is the flag that turns a switch off.
    """
    import vllm
    from vllm.entrypoints.launchers.cli_args import make_arg_parser
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    parser = make_arg_parser(FlexibleArgumentParser())
    options: dict[str, object] = {}
    for action in parser._actions:
        flags = [flag.removeprefix("--") for flag in action.option_strings if flag.startswith("--")]
        negations = [flag for flag in flags if isinstance(action, argparse.BooleanOptionalAction) and _negates(flag)]
        for flag in flags:
            if flag not in negations and flag not in _NOT_SETTINGS:
                options[flag] = _described(action, f"no-{flag}" if f"no-{flag}" in negations else None)
    return {"vllm": vllm.__version__.split("+")[0], "options": options}


def _negates(flag: str) -> bool:
    return flag.startswith("no-")


def _described(action: argparse.Action, negation: str | None) -> dict[str, object]:
    described: dict[str, object] = {"takes": _takes(action)}
    if action.choices is not None:
        described["choices"] = sorted(str(choice) for choice in action.choices)
    if negation is not None:
        described["negation"] = negation
    return described


def _takes(action: argparse.Action) -> str:
    if action.nargs == 0:
        return "nothing"
    return "value" if action.nargs in (None, "?") else "values"
