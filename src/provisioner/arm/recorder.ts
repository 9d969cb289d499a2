import type { PipelinePolicy } from '@azure/core-rest-pipeline';

/** Seconds after which one request to Azure is given up, so that the lease is renewed in time. */
const REQUEST_TIMEOUT_SECONDS = 20;

/** One answer of the service, as it came over the wire. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly body: string;
  readonly retryAfterSeconds?: number;
  readonly armRequestId?: string;
  readonly correlationId?: string;
}

/** Keeps the answers of the call that is running, and ends requests that take too long. Calls run one after another. */
export class Recorder {
  #exchanges: Exchange[] = [];

  /** Answers since `start`. */
  get exchanges(): readonly Exchange[] {
    return this.#exchanges;
  }

  /** Forgets the answers of the call before. */
  start(): void {
    this.#exchanges = [];
  }

  /**
   * For the client's `additionalPolicies`. The SDK offers `onResponse`, but that sees the first answer only, and
   * not the polls of a long operation.
   *
   * @param now - milliseconds since 1970, to read a `Retry-After` that is a date
   */
  policy(now: () => number): PipelinePolicy {
    return {
      name: 'slipwayRecorder',
      sendRequest: async (request, next) => {
        // The SDK's own `timeout` does not cover the body, and its timer outlives a broken connection and keeps the
        // process alive. No other signal is in use: a run that is to stop does so between requests.
        request.abortSignal = AbortSignal.timeout(REQUEST_TIMEOUT_SECONDS * 1000);
        const response = await next(request);
        const retryAfterSeconds = readRetryAfter(response.headers.get('retry-after'), now);
        const armRequestId = response.headers.get('x-ms-request-id');
        const correlationId = response.headers.get('x-ms-correlation-request-id');
        this.#exchanges.push({
          method: request.method,
          url: request.url,
          status: response.status,
          body: response.bodyAsText ?? '',
          ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
          ...(armRequestId === undefined ? {} : { armRequestId }),
          ...(correlationId === undefined ? {} : { correlationId }),
        });
        return response;
      },
    };
  }
}

function readRetryAfter(header: string | undefined, now: () => number): number | undefined {
  if (!header) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - now()) / 1000);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
