import type { Problem } from '../../../spec/problem';
import type { Decision } from '../../decision';
import { totalNodes } from '../../nodes';
import { weightsField, weightsOf } from '../../weights';

/** An existing claim that pods on several nodes mount. */
export function checkClaim(decision: Decision): Problem[] {
  const { workspace } = decision;
  const weights = weightsOf(decision);
  const pods = totalNodes(decision);
  if (weights.from !== 'pvc' || pods === 1) return [];
  const field = `${weightsField(workspace)}.claimName`;
  return [
    {
      severity: 'warning',
      code: 'claim-shared-by-pods',
      ...workspace.at(field),
      message: `${pods} pods on different nodes mount the claim ${weights.claimName}`,
      allowed: 'access mode ReadOnlyMany or ReadWriteMany',
      next: 'see that the claim has one of these access modes',
    },
  ];
}
