"""Settings of ``serve``. The JSON Schema of :class:`ServeSettings` is the contract with the synthesizer."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator

from .problems import ConfigError, Problem

#: Flags of vLLM that other settings decide; a value in the ``vllm`` map would contradict them.
OWNED_VLLM_FLAGS = {
    "model": "runtime.model",
    "revision": "runtime.revision",
    "served-model-name": "runtime.served_model_name",
    "host": "server.host",
    "port": "server.port",
    "uds": "server.port",
    "api-key": "server.auth_token_file",
    "lora-modules": "adapters.items",
    "middleware": "nothing: the server's own routes are put in by it",
}


def owned_spellings() -> list[JsonValue]:
    """The owned flags with hyphens and with underscores, which vLLM takes alike."""
    return [*sorted({spelling for name in OWNED_VLLM_FLAGS for spelling in (name, name.replace("-", "_"))})]


#: The pod's index in a StatefulSet (set from its label) and in a LeaderWorkerSet (set by its controller).
INDEX_VARIABLES = ("POD_INDEX", "LWS_WORKER_INDEX")

#: Set by the controller of a LeaderWorkerSet.
LEADER_VARIABLE = "LWS_LEADER_ADDRESS"

#: How several adapters become one.
Combination = Literal["svd", "linear", "cat"]

ModelName = Annotated[str, Field(min_length=1)]
AbsolutePath = Annotated[str, Field(pattern=r"^/", description="Absolute path in the container.")]


class Section(BaseModel):
    """A mapping in which every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RuntimeSection(Section):
    """Which model is served, and by which backend."""

    backend: Literal["auto", "vllm", "transformers"] = Field(
        "auto", description="`auto` takes vLLM where it is installed, else transformers."
    )
    model: str | None = Field(
        None,
        min_length=1,
        description="Hugging Face id (org/name) or absolute folder. May be left out when weights.source is oci.",
    )
    revision: str | None = Field(
        None,
        min_length=1,
        description="Commit, tag or branch on the hub; a commit is the only one that stays.",
    )
    served_model_name: ModelName | Annotated[list[ModelName], Field(min_length=1)] | None = Field(
        None,
        description="Model id that clients use, by default the last part of `model`. Of a list, every one is answered, "
        "and the first one is the name in answers and metrics.",
    )
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = Field(
        "auto", description="`auto` takes the model's own."
    )
    trust_remote_code: bool = Field(False, description="Run Python code that comes with the weights.")
    chat_template: AbsolutePath | None = Field(
        None, description="Jinja file that replaces the tokenizer's own chat template."
    )
    max_context: Annotated[int, Field(ge=1)] | Literal["auto"] = Field(
        "auto",
        description="Tokens of prompt and answer together. `auto`: the model's own limit (vLLM: what fits).",
    )
    device_map: str = Field(
        "auto", description="transformers only: device map of accelerate (auto, cpu, cuda:0, balanced)."
    )


class ServerSection(Section):
    """The HTTP side."""

    host: str = "0.0.0.0"
    port: int = Field(5000, ge=1, le=65535)
    max_concurrency: int | None = Field(
        None, ge=1, description="Requests worked on at once. Default: 256 with vLLM (max-num-seqs), else 32."
    )
    max_queue: int = Field(128, ge=0, description="Accepted requests that wait beyond max_concurrency; more get 429.")
    request_timeout_seconds: float = Field(
        600, gt=0, description="After this a request is stopped (504, or an error event in a stream)."
    )
    max_body_bytes: int = Field(10 * 1024 * 1024, ge=1024, description="Larger request bodies get 413.")
    drain_timeout_seconds: float = Field(
        45,
        ge=0,
        description="How long accepted requests may go on after SIGTERM. Keep it below the pod's grace period.",
    )
    auth_token_file: AbsolutePath | None = Field(
        None, description="File with one bearer token a line; asked for on every route but the probes."
    )
    log_format: Literal["json", "text"] = "json"


class WeightsSection(Section):
    """Where the weights come from and are kept."""

    dir: AbsolutePath = Field("/workspace/weights", description="Where downloads go.")
    source: Literal["hub", "folder", "oci"] | None = Field(
        None, description="Default: folder if runtime.model is an absolute path, else hub."
    )
    reference: str | None = Field(None, min_length=1, description="OCI reference of the weights, for source oci.")


class AdapterItem(Section):
    """One LoRA adapter: a folder below adapters.dir."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    strength: float = Field(
        1.0,
        ge=-8,
        le=8,
        allow_inf_nan=False,
        description="Factor of the adapter's change; 0 is the base model.",
    )


class AdaptersSection(Section):
    """LoRA adapters."""

    dir: AbsolutePath = "/mnt/adapter"
    mode: Literal["merged", "per-request"] = Field(
        "per-request",
        description="merged: all together change the served model. per-request: each is a model id of its own.",
    )
    combination: Combination = Field(
        "svd",
        description="How several are merged: svd (rank of the largest), linear (same rank), cat (exact, ranks add).",
    )
    items: tuple[AdapterItem, ...] = Field(
        (), description="Which folders, with strengths. Empty: every folder below dir, strength 1."
    )

    @field_validator("items")
    @classmethod
    def names_are_unique(cls, items: tuple[AdapterItem, ...]) -> tuple[AdapterItem, ...]:
        """Raises ValueError that names the first adapter listed twice."""
        seen: set[str] = set()
        for item in items:
            if item.name in seen:
                raise ValueError(f'adapter "{item.name}" is listed twice; give it one strength')
            seen.add(item.name)
        return items


class RaySection(Section):
    """A group of nodes that serve one model together (vLLM only). Left out on a single node."""

    cluster_size: int = Field(ge=2, description="Nodes in the group, the leader included.")
    leader_address: str | None = Field(
        None,
        min_length=1,
        description=f"Host name of the leader. Default: the variable {LEADER_VARIABLE} that a LeaderWorkerSet sets.",
    )
    port: int = Field(6379, ge=1, le=65535)

    def leader(self, environment: Mapping[str, str]) -> str:
        """Host name of the leader.

        Raises ConfigError if neither the settings nor the environment have it.
        """
        address = self.leader_address or environment.get(LEADER_VARIABLE)
        if address:
            return address
        message = f"the leader is not known; set ray.leader_address, or the variable {LEADER_VARIABLE}"
        raise ConfigError([Problem("environment", "ray.leader_address", message)])

    def role(self, environment: Mapping[str, str]) -> Literal["leader", "worker"]:
        """Leader on the pod with index 0.

        Raises ConfigError if neither variable with the index is set.
        """
        for variable in INDEX_VARIABLES:
            text = environment.get(variable)
            if text is not None:
                if not text.isdecimal():
                    raise ConfigError([Problem(f"environment variable {variable}", "", f'no pod index: "{text}"')])
                return "leader" if int(text) == 0 else "worker"
        names = " or ".join(INDEX_VARIABLES)
        message = f"the pod's place in the group is not known; set {names} to its index (0 is the leader)"
        raise ConfigError([Problem("environment", "ray", message)])


class WarmupSection(Section):
    """One generation before the server says it is ready."""

    enabled: bool = True
    prompt: str = Field("Hello", min_length=1)


class TelemetrySection(Section):
    """OpenTelemetry traces."""

    otlp_endpoint: str | None = Field(
        None,
        pattern=r"^https?://",
        description="OTLP/HTTP endpoint, such as http://collector:4318. Default: the variable "
        "OTEL_EXPORTER_OTLP_ENDPOINT; without that, no traces.",
    )


class ServeSettings(Section):
    """The whole configuration file of ``serve``; KAITO's inference_config.yaml is a part of it."""

    runtime: RuntimeSection = RuntimeSection()
    server: ServerSection = ServerSection()
    weights: WeightsSection = WeightsSection()
    adapters: AdaptersSection = AdaptersSection()
    ray: RaySection | None = None
    warmup: WarmupSection = WarmupSection()
    telemetry: TelemetrySection = TelemetrySection()
    vllm: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="Flags of vLLM's server in kebab-case, without dashes in front. They win over our defaults.",
        json_schema_extra={"propertyNames": {"pattern": "^[^-]", "not": {"enum": owned_spellings()}}},
    )
    max_probe_steps: int | None = Field(
        None, ge=0, description="KAITO's; without effect: vLLM fits the context length itself."
    )
    kv_cache_cpu_memory_utilization: float | None = Field(
        None,
        ge=0,
        le=1,
        description="KAITO's: share of free main memory for keys and values, as vLLM's kv-offloading-size. 0: off.",
    )

    @field_validator("vllm")
    @classmethod
    def flags_are_free(cls, flags: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """Raises ValueError for flags that other settings decide."""
        problems = []
        for name in flags:
            kebab = name.replace("_", "-")
            if kebab in OWNED_VLLM_FLAGS:
                problems.append(f'"{name}" is decided by {OWNED_VLLM_FLAGS[kebab]}; remove it here')
            elif name.startswith("-"):
                problems.append(f'"{name}": write it without the dashes in front')
        if problems:
            raise ValueError("; ".join(problems))
        return flags

    @model_validator(mode="after")
    def sections_agree(self) -> "ServeSettings":
        """Raises ValueError with everything in which two sections contradict each other."""
        problems = []
        source = self.weights_source
        model = self.runtime.model
        if source == "oci" and self.weights.reference is None:
            problems.append("weights.source is oci, so weights.reference is needed")
        if source != "oci" and self.weights.reference is not None:
            problems.append(f"weights.reference is set, but weights.source is {source}; make it oci or remove it")
        if source != "oci" and model is None:
            problems.append("runtime.model is missing: a Hugging Face id (org/name) or an absolute folder")
        if source == "folder" and model is not None and not model.startswith("/"):
            problems.append(f'weights.source is folder, so runtime.model must be an absolute path, not "{model}"')
        if source == "hub" and model is not None and model.startswith("/"):
            problems.append(f'weights.source is hub, so runtime.model must be org/name, not "{model}"')
        if self.ray is not None and self.runtime.backend == "transformers":
            problems.append("ray is set, but the transformers backend serves from one node; use backend vllm")
        problems += self._doubled_names()
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _doubled_names(self) -> list[str]:
        given = self.runtime.served_model_name
        names = list(given) if isinstance(given, list) else []
        if self.adapters.mode == "per-request":
            names = [*(names or self.served_names), *(item.name for item in self.adapters.items)]
        twice = sorted({name for name in names if names.count(name) > 1})
        return [f'the model id "{name}" is given twice; every served name and adapter needs its own' for name in twice]

    @property
    def weights_source(self) -> Literal["hub", "folder", "oci"]:
        """The source given, or the one that runtime.model implies."""
        if self.weights.source is not None:
            return self.weights.source
        model = self.runtime.model
        return "folder" if model is not None and model.startswith("/") else "hub"

    @property
    def served_name(self) -> str:
        """The model id in answers, metrics and traces."""
        return self.served_names[0]

    @property
    def served_names(self) -> tuple[str, ...]:
        """Every model id that means the served model; the first one stands in answers."""
        given = self.runtime.served_model_name
        if isinstance(given, list):
            return tuple(given)
        if given is not None:
            return (given,)
        if self.runtime.model is not None:
            return (PurePosixPath(self.runtime.model).name.lower(),)
        reference = (self.weights.reference or "model").split("@")[0]
        return (reference.rsplit("/", 1)[-1].split(":")[0],)
