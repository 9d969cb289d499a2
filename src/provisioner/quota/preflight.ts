import type { Candidate } from '../pools/document';
import { withRetries } from '../retry';
import type { Session } from '../session';
import type { AzureCompute, OfferedSize, Usage } from './compute';

/** Azure counts all spot machines of a region in one quota. */
const SPOT_QUOTA = 'lowPriorityCores';

/** Nodes that `apply` would add to one pool. */
export interface WantedNodes {
  readonly pool: string;
  /** Machine types in order of preference. */
  readonly candidates: readonly Candidate[];
  /** How many more than there are. */
  readonly nodes: number;
}

/** What Azure would say to one candidate of a pool that is to be made. */
export interface QuotaFinding {
  readonly pool: string;
  readonly vmSize: string;
  readonly enough: boolean;
  /** Such as `needs 24 vCPU of standardNCADSA100v4Family, 0 left of 0`. */
  readonly message: string;
}

/**
 * Asks the region what it offers and how much quota is left, for every machine type that `wanted` may take. Pools are
 * counted together: each takes what its first candidate with enough quota needs, as `apply` would.
 *
 * @throws ServiceError when the identity may not ask
 */
export async function preflight(
  session: Session,
  compute: AzureCompute,
  location: string,
  wanted: readonly WantedNodes[],
): Promise<readonly QuotaFinding[]> {
  const sizes = await withRetries(session, 'reading machine types', () => compute.sizes(location));
  const usages = await withRetries(session, 'reading quotas', () => compute.usages(location));
  const left = new Map(usages.map((usage) => [usage.name.toLowerCase(), usage.limit - usage.used]));
  const findings: QuotaFinding[] = [];
  for (const pool of wanted) {
    let placed = false;
    for (const candidate of pool.candidates) {
      const judged = judge(pool, candidate, location, sizes, usages, left);
      findings.push(judged.finding);
      if (judged.finding.enough && !placed) {
        placed = true;
        for (const name of judged.quotas) left.set(name, (left.get(name) ?? 0) - judged.vcpus);
      }
    }
  }
  return findings;
}

function judge(
  pool: WantedNodes,
  candidate: Candidate,
  location: string,
  sizes: readonly OfferedSize[],
  usages: readonly Usage[],
  left: ReadonlyMap<string, number>,
): { finding: QuotaFinding; quotas: readonly string[]; vcpus: number } {
  const size = sizes.find(({ name }) => name.toLowerCase() === candidate.vmSize.toLowerCase());
  const found = (enough: boolean, message: string, quotas: readonly string[] = [], vcpus = 0) => ({
    finding: { pool: pool.pool, vmSize: candidate.vmSize, enough, message },
    quotas,
    vcpus,
  });
  if (!size) return found(false, `is not offered in ${location}`);
  if (size.restriction)
    return found(false, `the subscription cannot have it in ${location}: ${size.restriction}`);
  const vcpus = pool.nodes * size.vcpus;
  const names = candidate.priority === 'Spot' ? [SPOT_QUOTA] : [size.family, 'cores'];
  const quotas = names.map((name) => name.toLowerCase()).filter((name) => left.has(name));
  const messages = names.flatMap((name) => {
    const usage = usages.find((candidateUsage) => candidateUsage.name.toLowerCase() === name.toLowerCase());
    return usage
      ? [`needs ${vcpus} vCPU of ${usage.name}, ${left.get(name.toLowerCase()) ?? 0} left of ${usage.limit}`]
      : [];
  });
  const enough = quotas.every((name) => (left.get(name) ?? 0) >= vcpus);
  return found(enough, messages.join('; ') || 'no quota of its family is listed', quotas, vcpus);
}
