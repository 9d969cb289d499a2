import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { describe, type ObjectRef } from '../cluster/manifest';

interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly requestReceivedTimestamp: string;
  readonly objectRef?: {
    readonly resource: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly subresource?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

/** When objects were made, to the microsecond: creation timestamps know seconds only. */
export class AuditLog {
  readonly policyFile: string;
  readonly logFile: string;

  constructor(folder: string) {
    this.policyFile = join(folder, 'audit-policy.yaml');
    this.logFile = join(folder, 'audit.log');
    const noise = [{ group: '', resources: ['events', 'nodes', 'pods'] }, { group: 'coordination.k8s.io' }];
    writeFileSync(
      this.policyFile,
      stringify({
        apiVersion: 'audit.k8s.io/v1',
        kind: 'Policy',
        omitStages: ['RequestReceived', 'ResponseStarted'],
        rules: [
          { level: 'None', resources: noise },
          { level: 'Metadata', verbs: ['create', 'patch'] },
          { level: 'None' },
        ],
      }),
    );
  }

  /**
   * When the request arrived that made the object first.
   *
   * @throws when no request made it.
   */
  madeAt(ref: ObjectRef): string {
    const [group, version] = ref.apiVersion.split('/');
    const apiGroup = version === undefined ? '' : (group ?? '');
    const event = this.#events().find(
      ({ objectRef, responseStatus }) =>
        responseStatus?.code === 201 &&
        objectRef?.name === ref.name &&
        (objectRef.apiGroup ?? '') === apiGroup &&
        (objectRef.subresource ?? '') === '' &&
        // A Namespace is in itself.
        (ref.kind === 'Namespace' || (objectRef.namespace ?? '') === (ref.namespace ?? '')) &&
        isPluralOf(objectRef.resource, ref.kind),
    );
    if (event === undefined) throw new Error(`no request made ${describe(ref)}`);
    return event.requestReceivedTimestamp;
  }

  #events(): readonly AuditEvent[] {
    const text = readFileSync(this.logFile, 'utf8');
    return (
      text
        // What is after the last newline is still being written.
        .slice(0, text.lastIndexOf('\n') + 1)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as AuditEvent)
        .filter(({ requestURI }) => !requestURI.includes('dryRun='))
    );
  }
}

function isPluralOf(resource: string, kind: string): boolean {
  const singular = kind.toLowerCase();
  return [`${singular}s`, `${singular}es`, singular.replace(/y$/, 'ies')].includes(resource);
}
