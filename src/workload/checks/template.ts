import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import type { Problem } from '../../spec/problem';
import type { NodeDecision } from '../decision';
import { SERVER_PORT } from '../probes';

const CONTAINERS = 'inference.template.spec.containers';
/** GPUs, whole or in slices, as NVIDIA's device plugin offers them. */
const GPU_RESOURCES = 'nvidia.com/';

/** What keeps the user's own pod from running in a Deployment, from being called, or from having a GPU. */
export function checkTemplatePod(decision: NodeDecision, pod: PodSpec): Problem[] {
  return [
    ...checkDeployable(decision, pod),
    ...checkVolumeNames(decision),
    ...checkPort(decision, pod),
    ...checkGpu(decision, pod),
  ];
}

/** Containers that run as long as the pod. */
export function lastingContainers({ containers, initContainers = [] }: PodSpec): Container[] {
  return [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')];
}

/** What the API server refuses in the pods of a Deployment. */
function checkDeployable({ workspace }: NodeDecision, pod: PodSpec): Problem[] {
  const { restartPolicy = 'Always', activeDeadlineSeconds } = pod;
  const refused = [
    ...(restartPolicy === 'Always' ? [] : [['restartPolicy', `is ${restartPolicy}`] as const]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [['activeDeadlineSeconds', `is ${activeDeadlineSeconds}`] as const]),
  ];
  return refused.map(([field, is]) => ({
    severity: 'error',
    code: 'not-for-a-deployment',
    ...workspace.at(`inference.template.spec.${field}`),
    message: `${is}, and pods of a Deployment run until they are replaced`,
    next: 'remove it',
  }));
}

/** A name that two volumes of the template have. */
function checkVolumeNames({ workspace }: NodeDecision): Problem[] {
  const names = (workspace.inference?.template?.spec?.volumes ?? []).map(({ name }) => name);
  return names.flatMap((name, index): Problem[] => {
    if (names.indexOf(name) === index) return [];
    return [
      {
        severity: 'error',
        code: 'duplicate-name',
        ...workspace.at(`inference.template.spec.volumes[${index}].name`),
        message: `${name} is the name of another volume already`,
        next: 'rename one of them',
      },
    ];
  });
}

/** Callers reach the port of KAITO's servers. Containers need not declare their ports, but none that do has it. */
function checkPort({ workspace }: NodeDecision, pod: PodSpec): Problem[] {
  const ports = lastingContainers(pod)
    .flatMap((container) => container.ports ?? [])
    .map(({ containerPort }) => containerPort);
  if (ports.length === 0 || ports.includes(SERVER_PORT)) return [];
  return [
    {
      severity: 'warning',
      code: 'template-without-serving-port',
      ...workspace.at(CONTAINERS),
      message: `no container has port ${SERVER_PORT}, where the Service ${workspace.name} sends requests, as KAITO's does; declared are ${ports.join(', ')}`,
      next: `have the server listen on ${SERVER_PORT}, or add a Service of your own beside the Workspace`,
    },
  ];
}

function checkGpu({ workspace }: NodeDecision, { containers }: PodSpec): Problem[] {
  const asked = containers.flatMap(({ resources }) =>
    Object.keys({ ...resources?.requests, ...resources?.limits }),
  );
  if (asked.some((resource) => resource.startsWith(GPU_RESOURCES))) return [];
  return [
    {
      severity: 'warning',
      code: 'template-without-gpu',
      ...workspace.at(CONTAINERS),
      message: 'no container asks for a GPU, and so none gets one on its GPU node',
      next: 'add resources: {limits: {nvidia.com/gpu: "1"}} to the container that computes',
    },
  ];
}
