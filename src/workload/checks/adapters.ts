import type { Problem } from '../../spec/problem';
import { adaptersOf } from '../adapters';
import type { Decision } from '../decision';
import { totalNodes } from '../nodes';
import { adapterIds, servedNames } from '../serving-pods';

/** Adapters that nobody could ask for, or that not every pod can mount. */
export function checkAdapters(decision: Decision): Problem[] {
  return [...checkModelIds(decision), ...checkClaims(decision)];
}

/** An adapter whose model id is that of the model: vLLM takes the first of the two. */
function checkModelIds(decision: Decision): Problem[] {
  const { workspace } = decision;
  const own = new Set(adapterIds(decision));
  const ids = servedNames(decision);
  return adaptersOf(decision).flatMap(({ name }, index): Problem[] => {
    if (!own.has(name) || ids.filter((id) => id === name).length === 1) return [];
    return [
      {
        severity: 'error',
        code: 'adapter-named-like-model',
        ...workspace.at(`inference.adapters[${index}].source.name`),
        message: `${name} is the model id of the model itself, which would answer in the adapter's place`,
        allowed: `a name other than ${name}`,
        next: 'rename the adapter, or give the model another id with inference.servedName',
      },
    ];
  });
}

/** A claim with an adapter that pods on several nodes mount. */
function checkClaims(decision: Decision): Problem[] {
  const { workspace } = decision;
  const pods = totalNodes(decision);
  if (pods === 1) return [];
  return adaptersOf(decision).flatMap(({ source, tuning }, index): Problem[] => {
    const claim = source.volumeSource?.persistentVolumeClaim?.claimName;
    if (claim === undefined) return [];
    const place = tuning === undefined ? 'volumeSource' : 'tuning';
    return [
      {
        severity: 'warning',
        code: 'claim-shared-by-pods',
        ...workspace.at(`inference.adapters[${index}].source.${place}`),
        message: `${pods} pods on different nodes mount the claim ${claim}`,
        allowed: 'access mode ReadOnlyMany or ReadWriteMany',
        next: 'see that the claim has one of these access modes',
      },
    ];
  });
}
