import type { Exchange } from '../arm/recorder';
import { isRecord } from '../record';
import { classify } from './classify';
import { ServiceError, type Fault, type FaultDetail } from './fault';

/** Longest text of one detail that is kept; some wrappers quote whole request bodies. */
const MAX_MESSAGE_LENGTH = 2000;

/**
 * The failure behind what the SDK threw. The SDK loses the nested details of a failed operation (and its code and
 * status), so the answers that were recorded on the wire come first and its own error last.
 */
export function toServiceError(error: unknown, exchanges: readonly Exchange[]): ServiceError {
  if (error instanceof ServiceError) return error;
  const failed = exchanges
    .filter((exchange) => exchange.status >= 400 || detailsOfBody(exchange.body).length > 0)
    .at(-1);
  if (failed) return new ServiceError(faultOfExchange(failed), { cause: error });
  return new ServiceError(faultOfException(error), { cause: error });
}

/** The failure that a pool's own `status.provisioningError` tells. */
export function faultOfTree(tree: unknown): Fault | undefined {
  const details = flatten(tree);
  if (details.length === 0) return undefined;
  const { class: faultClass, decisive } = classify(details);
  return { class: faultClass, code: decisive.code, message: decisive.message, details };
}

function faultOfExchange(exchange: Exchange): Fault {
  const details = detailsOfBody(exchange.body);
  const { class: faultClass, decisive } = classify(
    details,
    exchange.status >= 400 ? exchange.status : undefined,
  );
  return {
    class: faultClass,
    code: decisive.code,
    message: decisive.message || exchange.body.slice(0, MAX_MESSAGE_LENGTH) || `HTTP ${exchange.status}`,
    details,
    status: exchange.status,
    ...(exchange.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: exchange.retryAfterSeconds }),
    ...(exchange.armRequestId === undefined ? {} : { armRequestId: exchange.armRequestId }),
    ...(exchange.correlationId === undefined ? {} : { correlationId: exchange.correlationId }),
  };
}

function detailsOfBody(body: string): readonly FaultDetail[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return [];
  }
  if (!isRecord(value)) return [];
  if (isRecord(value['error'])) return flatten(value['error']);
  const state = value['status'];
  if (state === 'Failed' || state === 'Canceled')
    return [{ code: state, message: `the operation is ${state}` }];
  const properties = value['properties'];
  if (isRecord(properties)) {
    if (properties['provisioningState'] !== 'Failed' && properties['provisioningState'] !== 'Canceled')
      return [];
    const status = properties['status'];
    const told = isRecord(status) ? flatten(status['provisioningError']) : [];
    return told.length > 0
      ? told
      : [{ code: 'Failed', message: `provisioningState is ${properties['provisioningState']}` }];
  }
  return typeof value['code'] === 'string' && typeof value['message'] === 'string' ? flatten(value) : [];
}

/** The error tree, outermost first. */
function flatten(node: unknown): FaultDetail[] {
  if (!isRecord(node)) return [];
  const { code, message, details, innererror } = node;
  const own =
    typeof code === 'string' || typeof message === 'string'
      ? [
          {
            code: typeof code === 'string' ? code : 'Unknown',
            message: (typeof message === 'string' ? message : '').slice(0, MAX_MESSAGE_LENGTH),
          },
        ]
      : [];
  return [...own, ...(Array.isArray(details) ? details.flatMap(flatten) : []), ...flatten(innererror)];
}

/** How the identity library says that it could not reach Entra ID, under the same name as a refusal. */
const UNREACHABLE_AUTHORITY =
  /endpoints_resolution_error|openid_config_error|network_error|no_network_connectivity|ECONN|ENOTFOUND|ETIMEDOUT|EAI_AGAIN/;

/** No answer came: the connection broke, or there is no token. */
function faultOfException(error: unknown): Fault {
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof Error ? error.name : 'Error';
  const authentication = /^(Authentication|CredentialUnavailable|ClientAuth|InteractionRequired)/.test(name);
  const tokenCode = /AADSTS\d+/.exec(message)?.[0];
  if ((authentication && !UNREACHABLE_AUTHORITY.test(message)) || tokenCode) {
    const code = tokenCode ?? name;
    return { class: 'auth', code, message, details: [{ code, message }] };
  }
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : name;
  return { class: 'transient', code, message, details: [{ code, message }] };
}
