import type { Probe } from 'kubernetes-types/core/v1';
import type { Decision } from '../../decision';
import { type Probes, SERVER_PORT } from '../../probes';
import { STARTUP_PERIOD_SECONDS, startupFailureThreshold } from '../../startup';
import type { Group } from '../contract';
import { POD_INDEX, commandWithLeader } from '../group-env';

export const PROBE_FOLDER = '/etc/slipway';
export const PROBE_FILE = 'group-probe.py';

/**
 * What the pods of a group answer to the kubelet. A worker counts as started and ready at once: a StatefulSet's
 * rollout waits for each pod, and the leader cannot be well before its workers are new as well. A worker that has seen
 * the leader well and then sees it ill ends itself, so that the whole group starts again; it remembers by the start of
 * its own process, since files outlive a container's restart.
 */
export const PROBE_PROGRAM = `import os
import sys
import urllib.request

question, address = sys.argv[1:]
# A proxy of the cluster is for the outside.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
leads = os.environ["${POD_INDEX}"] == "0"


def is_well():
    try:
        with opener.open(f"http://{address}:${SERVER_PORT}/health", timeout=4) as answer:
            return answer.status == 200
    except OSError:
        return False


if leads:
    sys.exit(0 if is_well() else 1)
if question != "live":
    sys.exit(0)
with open("/proc/1/stat") as stat:
    started = stat.read().rsplit(")", 1)[1].split()[19]
mark = f"/tmp/leader-was-well-{started}"
if is_well():
    open(mark, "w").close()
    sys.exit(0)
sys.exit(1 if os.path.exists(mark) else 0)
`;

/** Probes that run the program. */
export function groupProbes(decision: Decision, group: Group): Probes {
  const ask = (question: 'startup' | 'live' | 'ready'): Probe => ({
    exec: { command: commandWithLeader(group, ['python3', `${PROBE_FOLDER}/${PROBE_FILE}`, question], '') },
    timeoutSeconds: 6,
  });
  return {
    startupProbe: {
      ...ask('startup'),
      periodSeconds: STARTUP_PERIOD_SECONDS,
      failureThreshold: startupFailureThreshold(decision),
    },
    livenessProbe: { ...ask('live'), periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...ask('ready'), periodSeconds: 10, failureThreshold: 1 },
  };
}
