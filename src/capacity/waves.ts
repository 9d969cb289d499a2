/**
 * Wave of Argo CD in which GPU nodes are made and their GPUs waited for. What offers the GPUs of those nodes belongs to
 * the same wave: a wave begins only when the one before is healthy, so that in a later one it would be waited for in vain.
 */
export const PROVISIONING_WAVE = { 'argocd.argoproj.io/sync-wave': '-5' } as const;
