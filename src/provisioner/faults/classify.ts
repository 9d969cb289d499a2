import type { FaultClass, FaultDetail } from './fault';

/** A row of the table: the class of an error with one of `codes` (any code when absent) whose text matches. */
interface Rule {
  readonly class: FaultClass;
  readonly codes?: readonly string[];
  readonly text?: RegExp;
}

const QUOTA_TEXT =
  /quota|LowPriorityCores|Total Regional (v?CPUs|Cores)|Current Limit: 0|Submit a request for Quota/i;
const BUSY_TEXT =
  /another\b.*\boperation\b.*\b(in progress|pending)|operation .*in progress|overrid+en and canceled by a later operation|preempted by a more recent/i;
const UNSUPPORTED_ZONE_TEXT = /not support availability zones|zone\(s\) .*(not supported|not available)/i;
const UNSUPPORTED_SIZE_TEXT = /(not (supported|available|allowed)).*(subscription|location|region)/i;

/**
 * The same code means different things, so rows are tried in this order, the ones with a text before the ones
 * without. Codes: REST and CLI documentation, karpenter-provider-azure, CAPZ and the issues named in
 * docs/provisioner.md.
 */
const RULES: readonly Rule[] = [
  { class: 'busy', text: /overrid+en and canceled by a later operation/i },
  {
    class: 'quota',
    codes: [
      'QuotaExceeded',
      'InsufficientVCPUQuota',
      'ErrCode_InsufficientVCPUQuota',
      'PublicIPCountLimitReached',
    ],
  },
  { class: 'quota', codes: ['OperationNotAllowed', 'BadRequest', 'Conflict'], text: QUOTA_TEXT },
  {
    class: 'zone',
    codes: [
      'ZonalAllocationFailed',
      'OverconstrainedZonalAllocationRequest',
      'AvailabilityZoneNotSupported',
      'LocationNotSupportAvailabilityZones',
    ],
  },
  { class: 'zone', codes: ['BadRequest', 'InvalidParameter'], text: UNSUPPORTED_ZONE_TEXT },
  { class: 'sku', codes: ['SkuNotAvailable', 'VMSizeNotSupported'] },
  { class: 'sku', codes: ['BadRequest', 'InvalidParameter'], text: UNSUPPORTED_SIZE_TEXT },
  { class: 'capacity', codes: ['AllocationFailed', 'OverconstrainedAllocationRequest'] },
  { class: 'busy', codes: ['OperationNotAllowed', 'BadRequest'], text: BUSY_TEXT },
  {
    class: 'busy',
    codes: ['Conflict', 'AnotherOperationInProgress', 'OperationPreempted', 'EtagOperationInProgress'],
  },
  {
    class: 'etag',
    codes: ['EtagMismatch', 'PreconditionFailed', 'OriginalEtagNotExpect', 'ConditionNotMet'],
  },
  {
    class: 'throttled',
    codes: ['Throttled', 'TooManyRequests', 'SubscriptionRequestsThrottled', 'RequestThrottled'],
  },
  {
    class: 'network-config',
    codes: ['InsufficientSubnetSize', 'NicReservedForAnotherVm', 'LinkedAuthorizationFailed'],
  },
  {
    class: 'auth',
    codes: ['AuthorizationFailed', 'AuthenticationFailed', 'InvalidAuthenticationToken', 'Forbidden'],
  },
  { class: 'auth', text: /AADSTS\d+/ },
  {
    class: 'spec',
    codes: [
      'OperationNotAllowed',
      'PropertyChangeNotAllowed',
      'InvalidParameter',
      'BadRequest',
      'AgentPoolAPIsNotSupported',
      'InvalidRequestContent',
      'RequestDisallowedByPolicy',
      // Answered with 409, which by itself would mean that something else is going on.
      'MissingSubscriptionRegistration',
      'ReadOnlyDisabledSubscription',
      'ScopeLocked',
    ],
  },
  {
    class: 'not-found',
    codes: [
      'NotFound',
      'ResourceNotFound',
      'ResourceGroupNotFound',
      'SubscriptionNotFound',
      'ParentResourceNotFound',
    ],
  },
  {
    class: 'transient',
    codes: [
      'ServerTimeout',
      'InternalOperationError',
      'InternalServerError',
      'ServiceUnavailable',
      'GatewayTimeout',
      'RequestTimeout',
    ],
  },
  {
    class: 'wrapper',
    codes: [
      'ReconcileVMSSAgentPoolFailed',
      'VMExtensionProvisioningError',
      'CreateVMSSAgentPoolFailed',
      'Failed',
    ],
  },
];

/** Codes that AKS quotes inside the text of a wrapper, such as `Code="SkuNotAvailable"`. */
const QUOTED_CODE = new RegExp(
  `\\b(${RULES.filter(
    (rule) => rule.class !== 'wrapper' && rule.class !== 'spec' && rule.class !== 'not-found',
  )
    .flatMap((rule) => rule.codes ?? [])
    .concat('OperationNotAllowed')
    .filter((code) => !['BadRequest', 'Conflict', 'Forbidden', 'InvalidParameter'].includes(code))
    .join('|')})\\b`,
);

/** What an error tree means, and which of its nodes says so. */
export interface Classification {
  readonly class: FaultClass;
  readonly decisive: FaultDetail;
}

/**
 * Finds the class of an error.
 *
 * @param details - the error tree, outermost node first
 * @param status - HTTP status of the answer; decides where no code is known
 */
export function classify(details: readonly FaultDetail[], status?: number): Classification {
  const outermost: FaultDetail = details[0] ?? { code: status ? `HTTP ${status}` : 'Unknown', message: '' };
  const ranked = details
    .map((detail) => classifyDetail(detail))
    .filter((found) => found !== undefined)
    .filter((found) => found.class !== 'wrapper');
  // An inner node says what a general outer one (BadRequest, a wrapper) hides; so the innermost known one wins
  // over `spec`, and `spec` wins only when nothing else is known.
  const specific = ranked.filter((found) => found.class !== 'spec').at(-1) ?? ranked.at(-1);
  if (specific) return specific;
  const byStatus = classOfStatus(status);
  if (byStatus) return { class: byStatus, decisive: outermost };
  return { class: 'wrapper', decisive: outermost };
}

function classifyDetail(detail: FaultDetail): Classification | undefined {
  const rule = RULES.find(
    ({ codes, text }) =>
      (codes === undefined || codes.includes(detail.code)) &&
      (text === undefined || text.test(detail.message)),
  );
  if (rule && rule.class !== 'wrapper') return { class: rule.class, decisive: detail };
  const quoted = QUOTED_CODE.exec(detail.message)?.[1];
  if (quoted) {
    const inner = { code: quoted, message: detail.message };
    const found = RULES.find(
      ({ codes, text }) => codes?.includes(quoted) && (text === undefined || text.test(detail.message)),
    );
    if (found) return { class: found.class, decisive: inner };
  }
  return rule ? { class: rule.class, decisive: detail } : undefined;
}

function classOfStatus(status: number | undefined): FaultClass | undefined {
  if (status === undefined || status < 400) return undefined;
  switch (status) {
    case 401:
    case 403:
      return 'auth';
    case 404:
      return 'not-found';
    case 408:
      return 'transient';
    case 409:
      return 'busy';
    case 412:
      return 'etag';
    case 429:
      return 'throttled';
    default:
      return status >= 500 ? 'transient' : 'spec';
  }
}
