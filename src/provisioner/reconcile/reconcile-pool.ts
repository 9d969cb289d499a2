import type { AgentPool } from '@azure/arm-containerservice';
import { EXIT } from '../exit-code';
import { isAvailability, serviceFault, type Fault } from '../faults/fault';
import { faultOfTree } from '../faults/from-error';
import type { PoolSpec } from '../pools/document';
import { REGIONAL_FALLBACK, TAGS } from '../pools/ownership';
import { faultFields, faultText } from '../report/event';
import { withRetries } from '../retry';
import type { Session } from '../session';
import { Attempts } from './attempts';
import { decide, nodesToAskFor, type Decision, type Permissions } from './decide';
import { delayAfter } from './delay-after';
import { whyNotDeletable } from './deletable';
import { candidateOf, differenceText } from './difference';
import { finish } from './operation';
import { blocked, exhausted, failed, foreign, unchanged, type PoolOutcome } from './outcome';
import { createBody, updateBody } from './pool-body';

const DEFAULT_ARM_TIMEOUT_SECONDS = 1800;
/** While something is being done to the pool, look again after this long. */
const BUSY_POLL_MS = 15_000;

/** What the user allows, beside `Permissions`. */
export interface ReconcileOptions extends Permissions {
  /** Delete a Failed pool of ours that an earlier run left, even though nodes of it are registered (none Ready). */
  readonly recreateFailed: boolean;
}

/**
 * Makes one pool what the document says. It reads, decides, does one thing and reads again, so that it does not
 * matter where an earlier run was killed or what someone else did in between.
 */
export async function reconcilePool(
  session: Session,
  pool: PoolSpec,
  options: ReconcileOptions,
): Promise<PoolOutcome> {
  return new PoolReconciler(session, pool, options).run();
}

class PoolReconciler {
  readonly #attempts: Attempts;
  readonly #since: number;
  #written: 'created' | 'updated' | undefined;

  constructor(
    private readonly session: Session,
    private readonly pool: PoolSpec,
    private readonly options: ReconcileOptions,
  ) {
    this.#attempts = new Attempts(pool);
    this.#since = session.now;
  }

  async run(): Promise<PoolOutcome> {
    for (;;) {
      const actual = await this.#read();
      const decision = decide(this.pool, actual, this.session.parts.document.owner, this.options);
      const outcome = await this.#act(decision);
      if (outcome?.fault && this.#attempts.createdHere) await this.#cleanUp();
      if (outcome) return outcome;
    }
  }

  #read(): Promise<AgentPool | undefined> {
    return withRetries(this.session, `reading pool ${this.pool.name}`, () =>
      this.session.parts.azure.get(this.pool.name),
    );
  }

  async #act(decision: Decision): Promise<PoolOutcome | undefined> {
    switch (decision.action) {
      case 'create':
        return this.#create();
      case 'update':
        return this.#update(decision.actual, decision.count, decision.differences.map(differenceText));
      case 'failed':
        return this.#mend(decision.actual);
      case 'wait':
        return this.#waitFor(decision.actual, decision.state);
      case 'noop':
        return {
          ...unchanged(this.pool, decision.actual),
          ...(this.#written ? { result: this.#written, message: this.#written } : {}),
        };
      case 'foreign':
        return foreign(this.pool.name, decision.actual);
      case 'blocked':
        return blocked(this.pool.name, decision);
    }
  }

  async #create(): Promise<PoolOutcome | undefined> {
    const { candidate, regional, refusals } = this.#attempts;
    if (!candidate) return exhausted(this.pool.name, refusals);
    const { azure, document, report } = this.session.parts;
    this.#attempts.refused = false;
    const nodes = this.pool.autoscale
      ? `${this.pool.autoscale.min} to ${this.pool.autoscale.max} nodes`
      : `${this.pool.count ?? 0} nodes`;
    report({
      level: 'info',
      event: 'pool-create',
      pool: this.pool.name,
      message: `creating ${nodes} of ${candidate.vmSize}${candidate.priority === 'Spot' ? ' (spot)' : ''}`,
      attempt: refusals.length + 1,
    });
    return this.#write('created', () =>
      azure.put(this.pool.name, createBody(this.pool, candidate, regional, document.owner), { absent: true }),
    );
  }

  async #update(
    actual: AgentPool,
    count: number,
    changes: readonly string[],
  ): Promise<PoolOutcome | undefined> {
    const { azure, document, report } = this.session.parts;
    report({
      level: 'info',
      event: 'pool-update',
      pool: this.pool.name,
      message: `changing ${changes.join('; ')}`,
    });
    return this.#write('updated', () =>
      azure.put(this.pool.name, updateBody(this.pool, actual, document.owner, count), eTagOf(actual)),
    );
  }

  /** A Failed pool: written once more; if that does not mend it and nothing runs on it, deleted for the next candidate. */
  async #mend(actual: AgentPool): Promise<PoolOutcome | undefined> {
    const attempts = this.#attempts;
    const index = candidateOf(this.pool, actual);
    const told = faultOfTree(actual.status?.provisioningError);
    // While this run walks through the candidates, the pool stands on the one that was just refused.
    if (attempts.refusals.length === 0 && index !== undefined) {
      attempts.standsOn(index, actual.tags?.[TAGS.zones] === REGIONAL_FALLBACK);
    }
    if (index !== undefined && !attempts.refused && !attempts.mended) return this.#writeAgain(actual, told);
    const fault = attempts.fault ?? told ?? unexplained();
    if (index !== undefined && !attempts.refused) {
      if (!isAvailability(fault)) return failed(this.pool.name, fault);
      attempts.advance(fault);
    }
    const reason = await this.#whyNotDeletable(actual);
    return reason
      ? failed(this.pool.name, fault, `the Failed pool stays: ${reason}`)
      : this.#delete(actual, fault);
  }

  async #writeAgain(actual: AgentPool, told: Fault | undefined): Promise<PoolOutcome | undefined> {
    const { azure, document, report } = this.session.parts;
    this.#attempts.mended = true;
    report({
      level: 'warning',
      event: 'pool-mend',
      pool: this.pool.name,
      message: `its last operation failed (${told ? faultText(told) : 'Azure does not say why'}); writing it once more`,
      ...(told ? faultFields(told) : {}),
    });
    const count = nodesToAskFor(this.pool, actual, this.options);
    return this.#write('updated', () =>
      azure.put(this.pool.name, updateBody(this.pool, actual, document.owner, count), eTagOf(actual)),
    );
  }

  async #delete(actual: AgentPool, fault: Fault): Promise<PoolOutcome | undefined> {
    this.session.parts.report({
      level: 'warning',
      event: 'pool-delete',
      pool: this.pool.name,
      message: 'deleting the Failed pool, on which nothing runs',
    });
    const outcome = await this.#write(undefined, () =>
      this.session.parts.azure.delete(this.pool.name, eTagOf(actual).eTag),
    );
    // Without the right to delete, what matters is why the pool failed, not that it could not be removed.
    return outcome?.fault?.class === 'auth'
      ? failed(this.pool.name, fault, 'the Failed pool stays: the identity may not delete agent pools')
      : outcome;
  }

  /** A pool that this run made and that failed for good is not left behind: its machines may cost money. */
  async #cleanUp(): Promise<void> {
    for (let actual = await this.#read(); ; actual = await this.#read()) {
      if (actual?.provisioningState !== 'Failed' || (await this.#whyNotDeletable(actual))) return;
      if (await this.#delete(actual, this.#attempts.fault ?? unexplained())) return;
    }
  }

  #whyNotDeletable(actual: AgentPool): Promise<string | undefined> {
    const permitted = this.#attempts.createdHere || this.options.recreateFailed;
    return whyNotDeletable(this.session, actual, permitted);
  }

  async #waitFor(actual: AgentPool, state: string): Promise<PoolOutcome | undefined> {
    const limit = (this.pool.waitFor?.armTimeoutSeconds ?? DEFAULT_ARM_TIMEOUT_SECONDS) * 1000;
    if (this.session.now - this.#since > limit || this.session.isOver) {
      return {
        pool: this.pool.name,
        result: 'failed',
        exitCode: EXIT.notReady,
        message: `is still ${state} after ${Math.round((this.session.now - this.#since) / 1000)} s; run again: it continues where this run stopped`,
        actual,
      };
    }
    if (this.#attempts.busy++ % 4 === 0) {
      this.session.parts.report({
        level: 'info',
        event: 'pool-busy',
        pool: this.pool.name,
        message: `is ${state}; waiting`,
      });
    }
    await this.session.pause(BUSY_POLL_MS);
    return undefined;
  }

  /** One write and its end. Undefined: read again and decide anew. */
  async #write(
    result: 'created' | 'updated' | undefined,
    begin: () => ReturnType<Session['parts']['azure']['put']>,
  ): Promise<PoolOutcome | undefined> {
    const started = this.session.now;
    const what = result === 'created' ? 'creation' : result === 'updated' ? 'update' : 'deletion';
    try {
      await this.session.keepLease();
      const operation = await begin();
      if (result === 'created') this.#attempts.createdHere = true;
      const end = await finish(
        this.session,
        operation,
        this.pool.name,
        what,
        this.pool.waitFor?.armTimeoutSeconds ?? DEFAULT_ARM_TIMEOUT_SECONDS,
      );
      this.#written ??= result;
      if (end === 'unseen') return undefined;
      if (!result) this.#attempts.forgetPool();
      this.#attempts.etag = 0;
      this.session.parts.report({
        level: 'info',
        event: result ? `pool-${result}` : 'pool-deleted',
        pool: this.pool.name,
        message: `${what} succeeded after ${Math.round((this.session.now - started) / 1000)} s`,
        durationMs: this.session.now - started,
      });
      return undefined;
    } catch (error) {
      const fault = serviceFault(error);
      if (!fault) throw error;
      return this.#afterFault(fault, what);
    }
  }

  async #afterFault(reported: Fault, what: string): Promise<PoolOutcome | undefined> {
    const fault = await this.#explained(reported);
    const attempts = this.#attempts;
    attempts.fault = fault;
    const delay = delayAfter(this.session, fault, attempts, this.#since);
    if (isAvailability(fault) && what === 'creation') {
      attempts.advance(fault);
      const next = attempts.candidate;
      this.#tell(
        fault,
        next ? `next: ${next.vmSize}${attempts.regional ? ' without zones' : ''}` : 'no candidate is left',
      );
      // What was refused at once has left nothing behind; then there is nothing to delete and the next is created.
      return undefined;
    }
    if (isAvailability(fault) && attempts.mended && what === 'update') {
      this.#tell(fault, 'it could not be mended');
      return undefined;
    }
    if (delay === undefined) return failed(this.pool.name, fault);
    this.#tell(fault, delay === 0 ? 'reading again' : `again in ${Math.ceil(delay / 1000)} s`);
    await this.session.pause(delay);
    return undefined;
  }

  /** A wrapper says nothing by itself: the pool's own status may. */
  async #explained(fault: Fault): Promise<Fault> {
    if (fault.class !== 'wrapper') return fault;
    const actual = await this.#read();
    const told = faultOfTree(actual?.status?.provisioningError);
    if (!told || told.class === 'wrapper') return fault;
    return { ...fault, ...told, details: [...fault.details, ...told.details] };
  }

  #tell(fault: Fault, next: string): void {
    this.session.parts.report({
      level: 'warning',
      event: 'pool-fault',
      pool: this.pool.name,
      message: `${fault.class}: ${faultText(fault)}; ${next}`,
      ...faultFields(fault),
    });
  }
}

function eTagOf(actual: AgentPool): { readonly eTag: string } {
  if (actual.eTag) return { eTag: actual.eTag };
  // Every answer of the API versions since 2024 has one; a write without a condition would not be safe.
  throw new Error(`Azure gave no eTag for pool ${actual.name ?? ''}`);
}

function unexplained(): Fault {
  const message = 'the pool is Failed and Azure does not say why';
  return { class: 'wrapper', code: 'Failed', message, details: [{ code: 'Failed', message }] };
}
