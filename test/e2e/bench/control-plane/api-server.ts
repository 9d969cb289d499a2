import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ProgramSpec } from '../process/program';
import type { AuditLog } from './audit';
import { expectOk } from './http';

/** Where an API server is and what it needs to be reached. */
export interface ApiServerFiles {
  readonly url: string;
  readonly kubeconfig: string;
  /** Key that signs service account tokens; the controller manager needs it too. */
  readonly serviceAccountKey: string;
  readonly certificateFolder: string;
  readonly tokenFile: string;
}

/** Write the credentials of one bench: a token of cluster-admin rights and a key for service accounts. */
export function apiServerFiles(folder: string, port: number): ApiServerFiles {
  const own = join(folder, 'api-server');
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const token = randomBytes(24).toString('hex');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const files: ApiServerFiles = {
    url: `https://127.0.0.1:${port}`,
    kubeconfig: join(folder, 'kubeconfig.yaml'),
    serviceAccountKey: join(own, 'service-accounts.key'),
    certificateFolder: join(own, 'certificates'),
    tokenFile: join(own, 'tokens.csv'),
  };
  writeFileSync(files.serviceAccountKey, privateKey.export({ type: 'pkcs1', format: 'pem' }), {
    mode: 0o600,
  });
  writeFileSync(files.tokenFile, `${token},bench,bench,"system:masters"\n`, { mode: 0o600 });
  const named = { cluster: 'bench', user: 'bench' };
  writeFileSync(
    files.kubeconfig,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: named.cluster, cluster: { server: files.url, 'certificate-authority': certificate(files) } },
      ],
      users: [{ name: named.user, user: { token } }],
      contexts: [{ name: 'bench', context: named }],
      'current-context': 'bench',
    }),
    { mode: 0o600 },
  );
  return files;
}

/** The API server. It signs its own certificate. */
export function apiServer(
  command: string,
  files: ApiServerFiles,
  audit: AuditLog,
  etcdPort: number,
): ProgramSpec {
  return {
    name: 'kube-apiserver',
    command,
    args: [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${new URL(files.url).port}`,
      `--cert-dir=${files.certificateFolder}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${files.serviceAccountKey}`,
      `--service-account-signing-key-file=${files.serviceAccountKey}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      `--token-auth-file=${files.tokenFile}`,
      '--authorization-mode=RBAC',
      `--audit-policy-file=${audit.policyFile}`,
      `--audit-log-path=${audit.logFile}`,
    ],
    ready: async () => {
      if (!existsSync(certificate(files))) throw new Error('it has not signed its certificate yet');
      await expectOk(`${files.url}/readyz`, readFileSync(certificate(files), 'utf8'));
    },
  };
}

/** The certificate with the authority that signed it. */
function certificate(files: ApiServerFiles): string {
  return join(files.certificateFolder, 'apiserver.crt');
}
