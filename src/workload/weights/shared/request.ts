import type { Model } from '../../../catalog/model';
import type { ClusterSpec, WorkspaceSpec } from '../../../spec/normal';
import type { SharedWeights } from '../../../spec/weights';
import type { Decision } from '../../decision';
import { modelAccessSecretOf } from '../../model-access';
import { weightsOf } from '../source';
import { sharedClaimName } from './identity';

/** One Workspace's part in a shared claim. */
export interface SharedRequest {
  /** Of the claim; with the namespace it tells which requests are one. */
  readonly claimName: string;
  readonly cluster: ClusterSpec;
  readonly workspace: WorkspaceSpec;
  readonly model: Model;
  readonly weights: SharedWeights;
  /** Secret with the hub's token; null for what needs none. */
  readonly tokenSecret: string | null;
}

/** What `decision` asks of a shared claim; null where it has its weights from elsewhere. */
export function sharedRequest(decision: Decision): SharedRequest | null {
  const weights = weightsOf(decision);
  if (weights.from !== 'sharedPvc') return null;
  const { cluster, workspace, model } = decision;
  return {
    claimName: sharedClaimName(model, weights),
    cluster,
    workspace,
    model,
    weights,
    tokenSecret: weights.reference === undefined ? modelAccessSecretOf(decision) : null,
  };
}
