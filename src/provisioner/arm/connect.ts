import type { TokenCredential } from '@azure/identity';
import type { ClusterTarget } from '../pools/document';

/** How Azure is reached. */
export interface AzureConnection {
  readonly target: ClusterTarget;
  readonly credential: TokenCredential;
  /** ARM endpoint for clouds that the SDK does not know. @default the one of `target.cloud` */
  readonly endpoint?: string;
  /** PEM of the certificate authorities to trust. @default the well-known ones and those of `NODE_EXTRA_CA_CERTS` */
  readonly certificateAuthorities?: string;
}

/** What both SDKs take to trust `certificateAuthorities` and nobody else. */
export function tlsOptions(certificateAuthorities: string | undefined): { tlsOptions?: { ca: string } } {
  return certificateAuthorities === undefined ? {} : { tlsOptions: { ca: certificateAuthorities } };
}

/** What decides which identity is used. */
export interface CredentialOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** For private and disconnected clouds, whose authority host Microsoft does not list. */
  readonly disableInstanceDiscovery: boolean;
  readonly certificateAuthorities?: string;
}

/**
 * The identity to work with: the pod's workload identity when its variables are there (nothing else is tried then,
 * so that a mistake shows at once), else whoever is logged in on this machine.
 */
export async function azureCredential({
  environment,
  disableInstanceDiscovery,
  certificateAuthorities,
}: CredentialOptions): Promise<TokenCredential> {
  const { DefaultAzureCredential, WorkloadIdentityCredential } = await import('@azure/identity');
  const authorityHost = environment['AZURE_AUTHORITY_HOST'];
  const options = {
    disableInstanceDiscovery,
    ...(authorityHost ? { authorityHost } : {}),
    ...tlsOptions(certificateAuthorities),
  };
  return environment['AZURE_FEDERATED_TOKEN_FILE']
    ? new WorkloadIdentityCredential({
        ...options,
        tokenFilePath: environment['AZURE_FEDERATED_TOKEN_FILE'],
        ...(environment['AZURE_TENANT_ID'] ? { tenantId: environment['AZURE_TENANT_ID'] } : {}),
        ...(environment['AZURE_CLIENT_ID'] ? { clientId: environment['AZURE_CLIENT_ID'] } : {}),
      })
    : new DefaultAzureCredential(options);
}
