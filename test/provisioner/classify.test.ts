import { classify } from '../../src/provisioner/faults/classify';
import type { FaultClass } from '../../src/provisioner/faults/fault';

const BUSY =
  'Operation is not allowed: Another agentpool operation (gpub - Creating) is in progress, please wait for it to finish';
const QUOTA =
  'Operation could not be completed as it results in exceeding approved standardNCADSA100v4Family Cores quota. Submit a request for Quota increase';

test.each<[FaultClass, string, string]>([
  ['quota', 'QuotaExceeded', 'Preempted by quota'],
  ['quota', 'InsufficientVCPUQuota', 'Insufficient vcpu quota requested 24, remaining 0'],
  ['quota', 'ErrCode_InsufficientVCPUQuota', 'Insufficient regional vcpu quota left'],
  ['quota', 'OperationNotAllowed', QUOTA],
  ['quota', 'OperationNotAllowed', 'exceeding approved LowPriorityCores'],
  ['quota', 'OperationNotAllowed', 'exceeding approved Total Regional Cores quota'],
  ['quota', 'OperationNotAllowed', 'Current Limit: 0, Current Usage: 0'],
  ['sku', 'SkuNotAvailable', 'The requested size is currently not available in location westeurope'],
  ['sku', 'VMSizeNotSupported', 'The VM size is not supported'],
  [
    'sku',
    'BadRequest',
    'The VM size of Standard_ND96isr_H100_v5 is not allowed in your subscription in location westeurope',
  ],
  ['sku', 'InvalidParameter', 'The requested VM size is not supported for subscription'],
  ['capacity', 'AllocationFailed', 'Allocation failed. We do not have sufficient capacity'],
  [
    'capacity',
    'OverconstrainedAllocationRequest',
    'Allocation failed. VM(s) with the constraints could not be allocated',
  ],
  ['zone', 'ZonalAllocationFailed', 'Allocation failed in zone 1'],
  ['zone', 'OverconstrainedZonalAllocationRequest', 'Allocation failed'],
  [
    'zone',
    'AvailabilityZoneNotSupported',
    "The zone(s) '1' for resource 'gpua' is not supported. The supported zones for location 'westeurope' are '2'",
  ],
  ['zone', 'BadRequest', "does not support availability zones at location 'westus'"],
  ['zone', 'InvalidParameter', "The zone(s) '3' for resource 'gpua' is not supported in the region"],
  ['busy', 'OperationNotAllowed', BUSY],
  ['busy', 'Conflict', 'Operation is in conflict'],
  ['busy', 'AnotherOperationInProgress', 'wait'],
  ['busy', 'Canceled', 'The operation was overriden and canceled by a later operation'],
  ['etag', 'EtagMismatch', 'the eTag does not match'],
  ['etag', 'PreconditionFailed', 'a condition failed'],
  ['etag', 'OriginalEtagNotExpect', 'original etag is not expected'],
  ['throttled', 'Throttled', 'too fast'],
  ['throttled', 'TooManyRequests', 'too fast'],
  ['throttled', 'SubscriptionRequestsThrottled', 'too fast'],
  ['network-config', 'InsufficientSubnetSize', 'Pre-allocated IPs exceed the subnet'],
  ['network-config', 'NicReservedForAnotherVm', 'Nic(s) is reserved for another VM for 180 seconds'],
  ['network-config', 'LinkedAuthorizationFailed', 'no permission to join the subnet'],
  ['auth', 'AuthorizationFailed', 'does not have authorization to perform action'],
  ['auth', 'Whatever', 'AADSTS70021: No matching federated identity record found'],
  [
    'spec',
    'OperationNotAllowed',
    'No agent pool may have enableAutoScaling with node provisioning mode Auto',
  ],
  ['spec', 'PropertyChangeNotAllowed', "Changing property 'properties.vmSize' is not allowed"],
  ['spec', 'InvalidParameter', 'The value of parameter agentPool.count is invalid'],
  ['spec', 'BadRequest', 'something is wrong'],
  ['spec', 'AgentPoolAPIsNotSupported', 'not for this cluster'],
  ['not-found', 'ResourceGroupNotFound', 'Resource group could not be found'],
  ['transient', 'ServerTimeout', 'timed out'],
  ['transient', 'InternalOperationError', 'internal'],
  ['wrapper', 'ReconcileVMSSAgentPoolFailed', 'an internal error occurred'],
  ['wrapper', 'Failed', 'the operation is Failed'],
  ['wrapper', 'NeverSeenBefore', 'a failed operation without a known code'],
])('%s: %s "%s"', (expected, code, message) => {
  expect(classify([{ code, message }]).class).toBe(expected);
});

test.each<[FaultClass, number]>([
  ['spec', 400],
  ['auth', 401],
  ['auth', 403],
  ['not-found', 404],
  ['transient', 408],
  ['busy', 409],
  ['etag', 412],
  ['throttled', 429],
  ['transient', 500],
  ['transient', 503],
])('%s: an unknown code with HTTP %i', (expected, status) => {
  expect(classify([{ code: 'NeverSeenBefore', message: '' }], status).class).toBe(expected);
  expect(classify([], status).class).toBe(expected);
});

test.each(['ScopeLocked', 'MissingSubscriptionRegistration', 'ReadOnlyDisabledSubscription'])(
  'spec: %s with HTTP 409 is not taken for another operation that ends by itself',
  (code) => {
    expect(classify([{ code, message: 'no' }], 409).class).toBe('spec');
  },
);

test('what is nested in a wrapper decides', () => {
  const found = classify([
    { code: 'ReconcileVMSSAgentPoolFailed', message: 'Agent pool failed' },
    { code: 'OperationNotAllowed', message: QUOTA },
  ]);
  expect(found).toEqual({ class: 'quota', decisive: { code: 'OperationNotAllowed', message: QUOTA } });
});

test.each<[FaultClass, string]>([
  ['sku', 'Code="SkuNotAvailable" Message="The requested size is not available"'],
  ['zone', 'VMSSAgentPoolReconciler retry failed: Code="ZonalAllocationFailed"'],
  ['quota', `Code="OperationNotAllowed" Message="${QUOTA}"`],
  ['busy', `Code="OperationNotAllowed" Message="${BUSY}"`],
])('%s: a code that a wrapper quotes in its text', (expected, message) => {
  expect(classify([{ code: 'CreateVMSSAgentPoolFailed', message }]).class).toBe(expected);
});

test('a text without a known code is not guessed at: OperationNotAllowed with unknown words is final', () => {
  expect(classify([{ code: 'OperationNotAllowed', message: 'words of tomorrow' }], 409).class).toBe('spec');
});
