import { azureCredential, type AzureConnection } from '../arm/connect';
import { EXIT, type ExitCode } from '../exit-code';
import { toServiceError } from '../faults/from-error';
import type { Kubernetes } from '../kubernetes/api';
import { ClusterLease } from '../kubernetes/lease';
import type { PoolsDocument } from '../pools/document';
import { readPools } from '../pools/read';
import type { Reporter } from '../report/event';
import { ndjsonReporter, textReporter } from '../report/reporter';
import type { ProvisionRuntime } from '../runtime';
import { Session } from '../session';
import { formatProblems } from '../../spec/format-problems';
import { InvalidInputError } from '../../spec/problem';
import { RunError } from './begin';
import { resultOfError } from './failure';
import { summaryOf, type RunResult } from './result';

/** Options that all commands have. */
export interface CommonOptions {
  readonly pools: string;
  readonly log: 'auto' | 'text' | 'json';
  /** Seconds. @default enough for one pool at its limits, or for all pools one after another */
  readonly timeout?: number;
  readonly armEndpoint?: string;
  readonly caFile?: string;
  /** False: for clouds whose authority host Microsoft does not list. */
  readonly instanceDiscovery: boolean;
}

/** Options of the commands that write. */
export interface WriteOptions extends CommonOptions {
  readonly lease: boolean;
  readonly leaseNamespace?: string;
  readonly terminationLog?: string;
}

const DEFAULT_NAMESPACE = 'slipway-system';
/** Names of Kubernetes objects are at most this long where they become labels. */
const MAX_NAME_LENGTH = 63;

/** Azure, nodes and GPUs of one pool at their default limits. */
const MIN_TIMEOUT_SECONDS = 3300;
/** Pools are made one after another; a GPU pool takes some five to ten minutes. */
const SECONDS_FOR_EACH_POOL = 600;

function defaultTimeoutSeconds({ pools }: PoolsDocument): number {
  return Math.max(MIN_TIMEOUT_SECONDS, pools.length * SECONDS_FOR_EACH_POOL);
}

/** What a command works with. */
export interface Run {
  readonly session: Session;
  readonly connection: AzureConnection;
}

/** How a command ended, and what it leaves behind. */
interface Ending {
  readonly result: RunResult;
  readonly kubernetes: Kubernetes | null;
}

/**
 * Reads the document, connects, runs `body` and prints its failure. Sets the exit code.
 *
 * @param write - present for commands that change something: they take the lease and tell how they ended
 */
export async function runCommand(
  runtime: ProvisionRuntime,
  options: CommonOptions,
  write: WriteOptions | undefined,
  body: (run: Run) => Promise<RunResult | { readonly exitCode: ExitCode }>,
): Promise<void> {
  const report = reporterOf(runtime, options.log, write === undefined);
  let document: PoolsDocument;
  try {
    document = readPools(await runtime.readFile(options.pools), options.pools, runtime.environment);
  } catch (error) {
    await tellEnding(runtime, report, write, {
      result: inputFailure(error, runtime, options.pools),
      kubernetes: null,
    });
    return;
  }
  const stop = new AbortController();
  const unsubscribe = runtime.onTermination(() => {
    stop.abort();
  });
  let kubernetes: Kubernetes | null = null;
  let lease: ClusterLease | null = null;
  let ended: RunResult | { readonly exitCode: ExitCode };
  try {
    const connection = await connectionOf(runtime, options, document);
    kubernetes = await runtime.connectKubernetes();
    lease = write?.lease ? leaseOf(runtime, write, document, kubernetes) : null;
    const session = new Session({
      document,
      azure: await runtime.connectAzure(connection),
      kubernetes,
      lease,
      clock: runtime.clock,
      report,
      signal: stop.signal,
      deadline: runtime.clock.now() + (options.timeout ?? defaultTimeoutSeconds(document)) * 1000,
    });
    ended = await body({ session, connection });
  } catch (error) {
    ended = resultOfError(error, stop.signal.aborted);
  } finally {
    unsubscribe();
    await lease?.release();
  }
  if ('pools' in ended) await tellEnding(runtime, report, write, { result: ended, kubernetes });
  else runtime.setExitCode(ended.exitCode);
}

async function tellEnding(
  runtime: ProvisionRuntime,
  report: Reporter,
  write: WriteOptions | undefined,
  { result, kubernetes }: Ending,
): Promise<void> {
  runtime.setExitCode(result.exitCode);
  const summary = summaryOf(result);
  const failed = result.exitCode !== EXIT.converged && result.exitCode !== EXIT.changes;
  report({ level: failed ? 'error' : 'info', event: 'summary', message: summary });
  if (!write) return;
  const warn = (what: string, error: unknown) => {
    report({
      level: 'warning',
      event: 'summary-lost',
      message: `${what}: ${error instanceof Error ? error.message : String(error)}`,
    });
  };
  if (write.terminationLog) {
    await runtime.writeFile(write.terminationLog, summary).catch((error: unknown) => {
      warn(`cannot write ${write.terminationLog ?? ''}`, error);
    });
  }
  const { POD_NAME: podName, POD_UID: podUid, POD_NAMESPACE: namespace } = runtime.environment;
  if (kubernetes && podName && podUid && namespace) {
    await kubernetes
      .createEvent({
        namespace,
        podName,
        podUid,
        type: failed ? 'Warning' : 'Normal',
        reason: failed ? 'ProvisioningFailed' : 'Provisioned',
        message: summary,
        at: runtime.clock.now(),
      })
      .catch((error: unknown) => {
        warn('cannot write the event', error);
      });
  }
}

function reporterOf(runtime: ProvisionRuntime, log: CommonOptions['log'], reads: boolean): Reporter {
  const json = log === 'json' || (log === 'auto' && !runtime.isTerminal && !reads);
  // Commands that only read print their answer on stdout: progress must not get into it.
  const write = (line: string) => {
    if (reads) runtime.stderr(line);
    else runtime.stdout(line);
  };
  return json
    ? ndjsonReporter(write, runtime.clock)
    : textReporter(write, runtime.clock, runtime.isTerminal && !runtime.environment['NO_COLOR']);
}

async function connectionOf(
  runtime: ProvisionRuntime,
  options: CommonOptions,
  document: PoolsDocument,
): Promise<AzureConnection> {
  const { environment } = runtime;
  const trust = options.caFile ? { certificateAuthorities: await runtime.readFile(options.caFile) } : {};
  try {
    const credential = await azureCredential({
      environment,
      disableInstanceDiscovery: !options.instanceDiscovery,
      ...trust,
    });
    return {
      target: document.cluster,
      credential,
      ...(options.armEndpoint ? { endpoint: options.armEndpoint } : {}),
      ...trust,
    };
  } catch (error) {
    throw toServiceError(error, []);
  }
}

function leaseOf(
  runtime: ProvisionRuntime,
  options: WriteOptions,
  document: PoolsDocument,
  kubernetes: Kubernetes | null,
): ClusterLease {
  if (!kubernetes) {
    throw new RunError(
      'the lease that keeps two runs apart needs access to Kubernetes, and there is neither a service account nor a kubeconfig; give --no-lease if no other run is possible',
      EXIT.invalid,
    );
  }
  return new ClusterLease(
    kubernetes,
    {
      namespace: options.leaseNamespace ?? runtime.environment['POD_NAMESPACE'] ?? DEFAULT_NAMESPACE,
      name: leaseName(document.cluster.name),
      holder: runtime.environment['POD_NAME'] ?? `${runtime.hostName}-${runtime.processId}`,
    },
    runtime.clock,
  );
}

/** Name of the Lease of a cluster; the Role of the Job names it too. */
export function leaseName(clusterName: string): string {
  const name = clusterName.toLowerCase().replace(/[^a-z0-9-]/g, '-');
  return `slipway-provisioner-${name}`.slice(0, MAX_NAME_LENGTH).replace(/-+$/, '');
}

function inputFailure(error: unknown, runtime: ProvisionRuntime, file: string): RunResult {
  if (error instanceof InvalidInputError) {
    runtime.stderr(formatProblems(error.problems, runtime.isTerminal && !runtime.environment['NO_COLOR']));
    const lines = error.problems.map(({ field, message }) =>
      field === '' ? message : `${field}: ${message}`,
    );
    return { exitCode: EXIT.invalid, failure: `${file}: ${lines.join('; ')}`, pools: [] };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: EXIT.invalid, failure: `cannot read ${file}: ${message}`, pools: [] };
}
