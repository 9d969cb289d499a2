"""GPU and CPU in the shape of KAITO's JSON metrics."""

import shutil
import subprocess

import psutil

_QUERY = "index,name,utilization.gpu,temperature.gpu,memory.used,memory.total"
_MIB = 1024 * 1024


def hardware_report() -> dict[str, object]:
    """``gpu_info`` and ``cpu_info``; the former is null without an NVIDIA GPU."""
    memory = psutil.virtual_memory()
    return {
        "gpu_info": _gpus() or None,
        "cpu_info": {
            "load_percentage": psutil.cpu_percent(),
            "physical_cores": psutil.cpu_count(logical=False),
            "total_cores": psutil.cpu_count(),
            "memory": {"used": _gigabytes(memory.used), "total": _gigabytes(memory.total)},
        },
    }


def _gpus() -> list[dict[str, object]]:
    """Asked of nvidia-smi, which opens no context on the GPU."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        asked = subprocess.run(
            [program, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [parse_gpu(line) for line in asked.stdout.splitlines() if line.strip()]


def parse_gpu(line: str) -> dict[str, object]:
    """One line of nvidia-smi's CSV; memory comes in MiB."""
    index, name, load, temperature, used, total = (cell.strip() for cell in line.split(","))
    return {
        "id": index,
        "name": name,
        "load": f"{float(load):.2f}%",
        "temperature": f"{temperature} C",
        "memory": {"used": _gigabytes(int(float(used)) * _MIB), "total": _gigabytes(int(float(total)) * _MIB)},
    }


def _gigabytes(count: int) -> str:
    return f"{count / 1024**3:.2f} GB"
