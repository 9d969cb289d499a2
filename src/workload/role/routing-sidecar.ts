import type { Container } from 'kubernetes-types/core/v1';
import type { NodeDecision } from '../decision';
import { ENGINE_PORT, SERVER_PORT, SERVER_PORT_NAME } from '../probes';
import { containerSecurityContext } from '../security';
import { roleOf } from '.';

/** llm-d's sidecar, as KAITO v0.12 uses it. */
const IMAGE = 'mcr.microsoft.com/oss/v2/llm-d/llm-d-routing-sidecar:v0.8.0';

/**
 * What stands before the server of the decode half: it has the prompt read by the prefill pod that the endpoint picker
 * chose, and the server go on from there. Without a choice, or without a picker, the server does all of it.
 */
export function routingSidecars(decision: NodeDecision): Container[] {
  if (roleOf(decision)?.type !== 'decode') return [];
  const podIp = { fieldRef: { fieldPath: 'status.podIP' } };
  return [
    {
      name: 'llm-d-routing-sidecar',
      image: IMAGE,
      args: [`--port=${SERVER_PORT}`, `--vllm-port=${ENGINE_PORT}`, '--secure-proxy=false'],
      ports: [{ name: SERVER_PORT_NAME, containerPort: SERVER_PORT }],
      env: [
        { name: 'POD_IP', valueFrom: podIp },
        { name: 'VLLM_NIXL_SIDE_CHANNEL_HOST', valueFrom: podIp },
      ],
      // Prompts and answers pass through; chosen after KAITO's design of it.
      resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '2Gi' } },
      readinessProbe: { tcpSocket: { port: SERVER_PORT_NAME }, periodSeconds: 10, failureThreshold: 3 },
      securityContext: containerSecurityContext(),
    },
  ];
}
