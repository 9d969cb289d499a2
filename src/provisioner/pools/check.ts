import type { Candidate, PoolSpec, PoolsDocument } from './document';
import { OWN_TAGS } from './ownership';

/** What is wrong with a value, by the path of the value inside the document. */
export interface Finding {
  readonly path: readonly (string | number)[];
  readonly code: string;
  readonly message: string;
  readonly allowed?: string;
}

/** Kubernetes' rule for a label key: optional DNS prefix, then a name of at most 63 characters. */
const LABEL_KEY = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;
const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
/** Azure refuses these characters in the name of a tag. */
const TAG_NAME = /^[^<>%&\\?/]{1,512}$/;
/** Prefix of labels and taints that belong to AKS. */
export const RESERVED_PREFIX = 'kubernetes.azure.com/';

/** The rules that a JSON Schema cannot say. Expects a document that the schema accepts. */
export function checkPools(document: PoolsDocument): readonly Finding[] {
  const seen = new Map<string, number>();
  return document.pools.flatMap((pool, index) => {
    const findings = checkPool(pool).map((finding) => ({
      ...finding,
      path: ['pools', index, ...finding.path],
    }));
    const earlier = seen.get(pool.name);
    seen.set(pool.name, earlier ?? index);
    if (earlier === undefined) return findings;
    return [
      ...findings,
      {
        path: ['pools', index, 'name'],
        code: 'duplicate-pool',
        message: `pool ${pool.name} is already described at pools[${earlier}]`,
      },
    ];
  });
}

function checkPool(pool: PoolSpec): Finding[] {
  return [
    ...checkSize(pool),
    ...pool.candidates.flatMap((candidate, index) => checkCandidate(candidate, index, pool)),
    ...Object.entries(pool.labels ?? {}).flatMap(([key, value]) => checkLabel(key, value)),
    ...(pool.taints ?? []).flatMap((taint, index) => checkTaint(taint, index)),
    ...Object.keys(pool.tags ?? {}).flatMap((name) => checkTag(name)),
  ];
}

function checkSize(pool: PoolSpec): Finding[] {
  if ((pool.count === undefined) === (pool.autoscale === undefined)) {
    return [
      {
        path: [],
        code: 'pool-size',
        message:
          pool.count === undefined
            ? 'neither count nor autoscale is given'
            : 'both count and autoscale are given',
        allowed: 'exactly one of count and autoscale',
      },
    ];
  }
  if (pool.autoscale && pool.autoscale.min > pool.autoscale.max) {
    return [
      {
        path: ['autoscale', 'min'],
        code: 'autoscale-bounds',
        message: `min ${pool.autoscale.min} is above max ${pool.autoscale.max}`,
      },
    ];
  }
  return [];
}

function checkCandidate(candidate: Candidate, index: number, pool: PoolSpec): Finding[] {
  const findings: Finding[] = [];
  if (candidate.priority !== 'Spot') {
    for (const field of ['spotMaxPrice', 'evictionPolicy'] as const) {
      if (candidate[field] !== undefined) {
        findings.push({
          path: ['candidates', index, field],
          code: 'spot-only',
          message: `${field} needs priority Spot`,
        });
      }
    }
  }
  const key = candidateKey(candidate);
  if (pool.candidates.findIndex((other) => candidateKey(other) === key) < index) {
    findings.push({
      path: ['candidates', index],
      code: 'duplicate-candidate',
      message: `candidate ${key} is listed twice`,
    });
  }
  return findings;
}

function candidateKey(candidate: Candidate): string {
  const zones = candidate.zones ? ` zones ${[...candidate.zones].sort().join(',')}` : '';
  return `${candidate.vmSize} ${candidate.priority ?? 'Regular'}${zones}`;
}

function checkLabel(key: string, value: string): Finding[] {
  const path = ['labels', key];
  if (key.startsWith(RESERVED_PREFIX)) {
    return [
      {
        path,
        code: 'reserved-label',
        message: `label ${key} belongs to AKS`,
        allowed: `keys outside ${RESERVED_PREFIX}`,
      },
    ];
  }
  if (!LABEL_KEY.test(key)) return [{ path, code: 'label-key', message: `${key} is not a label key` }];
  if (!LABEL_VALUE.test(value)) {
    return [
      {
        path,
        code: 'label-value',
        message: `"${value}" is not a label value`,
        allowed: 'up to 63 letters, digits, ".", "_" and "-"',
      },
    ];
  }
  return [];
}

function checkTaint(taint: string, index: number): Finding[] {
  const path = ['taints', index];
  const parts = /^([^=:]+)(?:=([^:]*))?:([A-Za-z]+)$/.exec(taint);
  const [, key = '', value = '', effect = ''] = parts ?? [];
  if (!LABEL_KEY.test(key) || !LABEL_VALUE.test(value) || !TAINT_EFFECTS.includes(effect)) {
    return [
      {
        path,
        code: 'taint',
        message: `"${taint}" is not a taint`,
        allowed: `key=value:Effect with one of ${TAINT_EFFECTS.join(', ')}`,
      },
    ];
  }
  if (key.startsWith(RESERVED_PREFIX)) {
    return [
      {
        path,
        code: 'reserved-taint',
        message: `taint ${key} belongs to AKS; a spot pool gets its own by itself`,
        allowed: `keys outside ${RESERVED_PREFIX}`,
      },
    ];
  }
  return [];
}

function checkTag(name: string): Finding[] {
  const path = ['tags', name];
  if (OWN_TAGS.includes(name)) {
    return [{ path, code: 'reserved-tag', message: `tag ${name} is written by the provisioner itself` }];
  }
  if (!TAG_NAME.test(name)) {
    return [
      { path, code: 'tag-name', message: `"${name}" is not a tag name`, allowed: 'none of < > % & \\ ? /' },
    ];
  }
  return [];
}
