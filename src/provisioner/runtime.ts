import { hostname } from 'node:os';
import { isatty } from 'node:tty';
import { readFile, writeFile } from 'node:fs/promises';
import type { AgentPools } from './arm/agent-pools';
import { connectAgentPools } from './arm/azure-agent-pools';
import type { AzureConnection } from './arm/connect';
import { systemClock, type Clock } from './clock';
import type { Kubernetes } from './kubernetes/api';
import { connectKubernetes } from './kubernetes/connect';
import { connectCompute, type AzureCompute } from './quota/compute';

/** What the commands touch outside themselves; tests bring their own. */
export interface ProvisionRuntime {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly isTerminal: boolean;
  readonly hostName: string;
  readonly processId: number;
  stdout(text: string): void;
  stderr(text: string): void;
  setExitCode(code: number): void;
  readFile(path: string): Promise<string>;
  writeFile(path: string, content: string): Promise<void>;
  connectAzure(connection: AzureConnection): Promise<AgentPools>;
  connectCompute(connection: AzureConnection): Promise<AzureCompute>;
  connectKubernetes(): Promise<Kubernetes | null>;
  /** Calls `listener` when the program is to stop. Returns what takes the listener away. */
  onTermination(listener: () => void): () => void;
}

/** The process, Azure and Kubernetes. The modules that connect load their client library only when they are called. */
export const systemRuntime: ProvisionRuntime = {
  environment: process.env,
  clock: systemClock,
  isTerminal: isatty(1),
  hostName: hostname(),
  processId: process.pid,
  stdout: (text) => {
    process.stdout.write(text);
  },
  stderr: (text) => {
    process.stderr.write(text);
  },
  setExitCode: (code) => {
    process.exitCode = code;
  },
  readFile: (path) => readFile(path, 'utf8'),
  writeFile: (path, content) => writeFile(path, content),
  connectAzure: (connection) => connectAgentPools(connection, () => systemClock.now()),
  connectCompute: (connection) => connectCompute(connection, () => systemClock.now()),
  connectKubernetes: () => connectKubernetes(process.env),
  onTermination: (listener) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, listener);
    return () => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.removeListener(signal, listener);
    };
  },
};
