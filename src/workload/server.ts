import type { Container, EnvVar, VolumeMount } from 'kubernetes-types/core/v1';
import { adapterParts } from './adapters';
import type { Decision } from './decision';
import { podDiskBytes } from './disk';
import { gpuResource } from './gpu-resource';
import { imageOf, imageReference } from './images';
import type { ServerProgram } from './images/contract';
import { machineShare, sharedMemoryBytes } from './machine-share';
import { modelAccessEnv } from './model-access';
import { podPropsOf } from './pod-props';
import { serverPort } from './probes';
import { binaryQuantity } from './quantity';
import { transferEnv } from './role';
import { routingSidecars } from './role/routing-sidecar';
import { scratchOf } from './scratch';
import { containerSecurityContext } from './security';
import type { ServerParts } from './server-parts';
import { weightsMount, weightsSteps, weightsVolume } from './weights';

/** Name of the model's container in every pod. */
export const SERVER_CONTAINER = 'server';
const CONFIG_VOLUME = 'config';

/** The model's container with `program`, and the volumes it needs; `configMap` holds the program's files. */
export function serverParts(
  decision: Decision,
  program: ServerProgram,
  configMap: string | null,
): ServerParts {
  const image = imageOf(decision);
  const scratch = scratchOf(image.user, image.readOnlyRootFilesystem);
  const adapters = adapterParts(decision);
  const port = serverPort(decision);
  const weights = weightsSteps(decision);
  const configMounts: VolumeMount[] =
    program.config === undefined || configMap === null
      ? []
      : [{ name: CONFIG_VOLUME, mountPath: program.config.folder, readOnly: true }];

  const server: Container = {
    name: SERVER_CONTAINER,
    image: imageReference(decision),
    ...(program.command !== undefined && { command: [...program.command] }),
    ...(program.args !== undefined && { args: [...program.args] }),
    ports: [{ name: port.name, containerPort: port.number }, ...(program.ports ?? [])],
    env: [
      ...scratch.env,
      ...program.env,
      ...transferEnv(decision),
      ...modelAccessEnv(decision),
    ] satisfies EnvVar[],
    resources: resourcesOf(decision),
    startupProbe: program.startupProbe,
    livenessProbe: program.livenessProbe,
    readinessProbe: program.readinessProbe,
    securityContext: containerSecurityContext(image.readOnlyRootFilesystem),
    volumeMounts: [
      ...configMounts,
      weightsMount(decision, image.weightsFolder),
      { name: 'shm', mountPath: '/dev/shm' },
      ...scratch.volumeMounts,
      ...adapters.volumeMounts,
      ...(program.volumeMounts ?? []),
    ],
  };
  return {
    user: image.user,
    containers: [server, ...routingSidecars(decision)],
    initContainers: [
      ...(program.initContainers ?? []),
      ...weights.initContainers,
      ...adapters.initContainers,
    ],
    volumes: [
      ...(configMap === null ? [] : [{ name: CONFIG_VOLUME, configMap: { name: configMap } }]),
      weightsVolume(decision),
      { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: binaryQuantity(sharedMemoryBytes(decision)) } },
      ...scratch.volumes,
      ...weights.volumes,
      ...adapters.volumes,
      ...(program.volumes ?? []),
    ],
    imagePullSecrets: [
      ...(decision.workspace.inference?.preset?.imagePullSecrets ?? []),
      ...weights.imagePullSecrets,
      ...adapters.imagePullSecrets,
    ],
  };
}

/** GPUs are limits too, as extended resources have to be; CPU and memory are requests alone, so that idle ones can be used. */
export function resourcesOf(decision: Decision): NonNullable<Container['resources']> {
  const share = machineShare(decision);
  const own = podPropsOf(decision).resources;
  const gpu = gpuResource(decision);
  return {
    requests: {
      cpu: own?.cpu ?? String(share.cpus),
      memory: own?.memory ?? binaryQuantity(share.memoryBytes),
      'ephemeral-storage': binaryQuantity(podDiskBytes(decision)),
      ...gpu,
    },
    limits: gpu,
  };
}
