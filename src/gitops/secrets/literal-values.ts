/** Names that only a credential has. `..._FILE` and `..._PATH` are none: they say where it is. */
const CREDENTIAL_NAME =
  /(?:^|_)(?:TOKEN|PASSWORD|PASSWD|SECRET|API_?KEY|ACCESS_?KEY|SECRET_?KEY|ACCOUNT_?KEY|PRIVATE_?KEY|CONNECTION_STRING)$/i;
const NOTHING: readonly string[] = [];

/**
 * Where `object` holds the value of a credential whatever it looks like: a Secret's own values at any depth (an item of a List,
 * a template of another object), and environment variables that are named like one. Paths are below the object.
 */
export function literalSecretsIn(object: unknown): readonly string[] {
  if (typeof object !== 'object' || object === null) return NOTHING;
  if (Array.isArray(object))
    return object.flatMap((item, index) => below(`[${index}]`, literalSecretsIn(item)));
  const found: string[] = [...secretValues(object)];
  for (const [key, value] of Object.entries(object)) {
    if (typeof value !== 'object' || value === null) continue;
    if (key === 'env' && Array.isArray(value)) found.push(...below(key, environmentValues(value)));
    found.push(...below(key, literalSecretsIn(value)));
  }
  return found;
}

/** `paths` seen from the parent of `key`. */
function below(key: string, paths: readonly string[]): readonly string[] {
  return paths.length === 0
    ? NOTHING
    : paths.map((path) => (path.startsWith('[') ? key + path : `${key}.${path}`));
}

function secretValues(fields: object): readonly string[] {
  const { apiVersion, kind } = fields as { readonly apiVersion?: unknown; readonly kind?: unknown };
  if (kind !== 'Secret' || apiVersion !== 'v1') return NOTHING;
  return ['data', 'stringData'].filter((member) => {
    const values = (fields as Readonly<Record<string, unknown>>)[member];
    return typeof values === 'object' && values !== null && Object.keys(values).length > 0;
  });
}

function environmentValues(env: readonly unknown[]): readonly string[] {
  return env.flatMap((variable, index) => {
    const { name, value } = (variable ?? {}) as { readonly name?: unknown; readonly value?: unknown };
    if (typeof name !== 'string' || typeof value !== 'string' || !CREDENTIAL_NAME.test(name)) return NOTHING;
    const isReference = value === '' || value.startsWith('$(') || value.startsWith('/');
    return isReference ? NOTHING : [`[${index}].value (${name})`];
  });
}
