import type { Container, PodSpec } from 'kubernetes-types/core/v1';

const HOST_NAMESPACES = ['hostNetwork', 'hostPID', 'hostIPC'] as const;

/** Volume sources that the `restricted` Pod Security Standard allows (Kubernetes 1.36; `image` since 1.33). */
const ALLOWED_VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/** Capabilities that the `baseline` Pod Security Standard lets containers add (Kubernetes 1.36). */
const BASELINE_CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** The strictest Pod Security Standard that `pod` passes. */
export function podSecurityLevel(pod: PodSpec): 'restricted' | 'baseline' | 'privileged' {
  if (restrictedViolations(pod).length === 0) return 'restricted';
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  const isBaseline =
    HOST_NAMESPACES.every((key) => pod[key] !== true) &&
    (pod.volumes ?? []).every(({ hostPath }) => hostPath === undefined) &&
    pod.securityContext?.seccompProfile?.type !== 'Unconfined' &&
    containers.every(
      ({ ports, securityContext: own }) =>
        own?.privileged !== true &&
        own?.seccompProfile?.type !== 'Unconfined' &&
        (own?.procMount ?? 'Default') === 'Default' &&
        (own?.capabilities?.add ?? []).every((capability) => BASELINE_CAPABILITIES.has(capability)) &&
        (ports ?? []).every(({ hostPort }) => (hostPort ?? 0) === 0),
    );
  return isBaseline ? 'baseline' : 'privileged';
}

/** What the `restricted` Pod Security Standard forbids about one part of a pod. */
export interface Violation {
  /** `the pod`, `volume <name>` or `container <name>`. */
  readonly part: string;
  /** What the part does, such as `may run as root`. */
  readonly what: string;
}

/** What in `pod` the `restricted` Pod Security Standard forbids, one sentence each; empty when it passes. */
export function restrictedViolations(pod: PodSpec): readonly string[] {
  return violationsOf(pod).map(({ part, what }) => `${part} ${what}`);
}

/**
 * What in `pod` the `restricted` Pod Security Standard forbids; empty when it passes.
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function violationsOf(pod: PodSpec): readonly Violation[] {
  const found: Violation[] = [];
  for (const key of HOST_NAMESPACES) {
    if (pod[key] === true) found.push({ part: 'the pod', what: `sets ${key}` });
  }
  for (const volume of pod.volumes ?? []) {
    const source = Object.keys(volume).find((key) => key !== 'name');
    if (source !== undefined && !ALLOWED_VOLUMES.has(source)) {
      found.push({ part: `volume ${volume.name}`, what: `is of type ${source}` });
    }
  }
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    const part = `container ${container.name}`;
    found.push(...containerViolations(pod, container).map((what) => ({ part, what })));
  }
  return found;
}

function containerViolations(pod: PodSpec, container: Container): string[] {
  const own = container.securityContext ?? {};
  const shared = pod.securityContext ?? {};
  const found: string[] = [];
  if (own.privileged === true) found.push('is privileged');
  if (own.allowPrivilegeEscalation !== false) found.push('may escalate privileges');
  if ((own.runAsNonRoot ?? shared.runAsNonRoot) !== true) found.push('may run as root');
  if ((own.runAsUser ?? shared.runAsUser) === 0) found.push('runs as user 0');
  if (own.capabilities?.drop?.includes('ALL') !== true) found.push('keeps capabilities');
  const added = (own.capabilities?.add ?? []).filter((capability) => capability !== 'NET_BIND_SERVICE');
  if (added.length > 0) found.push(`adds ${added.join(', ')}`);
  const seccomp = (own.seccompProfile ?? shared.seccompProfile)?.type;
  if (seccomp !== 'RuntimeDefault' && seccomp !== 'Localhost') found.push('has no seccomp profile');
  if (container.ports?.some((port) => (port.hostPort ?? 0) !== 0)) found.push('uses a host port');
  return found;
}
