import type { Problem } from '../../spec/problem';
import { adaptersOf } from '../adapters';
import type { Decision } from '../decision';
import { totalNodes } from '../nodes';

/** A claim with an adapter that pods on several nodes mount. */
export function checkAdapterClaims(decision: Decision): Problem[] {
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
