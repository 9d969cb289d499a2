import type { ConfigContent, ConfigKey, Configs } from '../configs';
import { child } from '../fields';
import { didYouMean } from '../nearest';
import type { Problem } from '../problem';
import { Report } from '../report';
import { isPlainMap } from '../shape/empty-fields';
import { parseEmbedded } from './embedded';
import { identityOf, type Resource } from './resources';

/** The ConfigMaps among the documents, by namespace and name. */
export class ConfigMaps implements Configs {
  private readonly byName = new Map<string, Resource>();
  private readonly used = new Set<Resource>();

  constructor(private readonly defaultNamespace: string) {}

  /** Remember `resource`; a second one of its name is the returned problem. */
  add(resource: Resource): readonly Problem[] {
    const { name, namespace = this.defaultNamespace } = identityOf(resource);
    const report = new Report(resource.locator);
    if (name === undefined) {
      report.error('missing-field', 'metadata.name', 'is required', { next: 'add it' });
      return report.problems;
    }
    const id = `${namespace}/${name}`;
    const other = this.byName.get(id);
    if (other === undefined) this.byName.set(id, resource);
    else {
      const { file, line } = other.locator.locate('metadata.name');
      report.error('duplicate-name', 'metadata.name', `ConfigMap ${id} stands in ${file}:${line} already`, {
        next: 'keep one of them',
      });
    }
    return report.problems;
  }

  find(
    namespace: string,
    name: string,
    key: ConfigKey,
    field: string,
    report: Report,
  ): ConfigContent | undefined {
    const resource = this.byName.get(`${namespace}/${name}`);
    if (resource === undefined) {
      this.reportMissing(namespace, name, field, report);
      return undefined;
    }
    this.used.add(resource);
    return contentOf(resource, key, report);
  }

  /** ConfigMaps that no Workspace names. */
  unused(): Problem[] {
    return [...this.byName].flatMap(([id, resource]) => {
      if (this.used.has(resource)) return [];
      const report = new Report(resource.locator);
      report.warning(
        'unused-config',
        'metadata.name',
        `no Workspace names ConfigMap ${id}; it is passed over`,
        {
          next: 'name it in inference.config or tuning.config of a Workspace in its namespace, or leave it out',
        },
      );
      return report.problems;
    });
  }

  private reportMissing(namespace: string, name: string, field: string, report: Report): void {
    const ids = [...this.byName.keys()];
    const elsewhere = ids.find((id) => id.endsWith(`/${name}`));
    const near = ids
      .filter((id) => id.startsWith(`${namespace}/`))
      .map((id) => id.slice(namespace.length + 1));
    const next =
      elsewhere === undefined
        ? (didYouMean(name, near) ?? 'add the file with this ConfigMap to those that are read')
        : `one stands in namespace ${elsewhere.split('/')[0] ?? ''}: give both the same namespace`;
    report.error('config-not-found', field, `there is no ConfigMap ${namespace}/${name} among the files`, {
      next,
    });
  }
}

function contentOf(resource: Resource, key: ConfigKey, report: Report): ConfigContent | undefined {
  const { locator, value, lines } = resource;
  const inner = new Report(locator);
  const field = child('data', key);
  const data = isPlainMap(value['data']) ? value['data'] : {};
  const parsed = typeof data[key] === 'string' ? parseEmbedded(locator, field, lines) : undefined;
  const [document, second] = parsed?.documents ?? [];
  if (parsed === undefined) {
    const wrongType = key in data;
    inner.error(
      wrongType ? 'wrong-type' : 'missing-field',
      field,
      wrongType ? 'expected a string of YAML' : 'is required',
      {
        next: wrongType
          ? `write it as a block: "${key}: |"`
          : (didYouMean(key, Object.keys(data)) ?? 'add it'),
      },
    );
  } else {
    inner.take(parsed.problems);
    if (second !== undefined)
      inner.error('malformed-yaml', field, 'holds more than one YAML document', { next: 'keep one' });
    if (document === undefined && parsed.problems.length === 0) {
      inner.error('empty-value', field, 'is empty', {
        next: 'give it a value, or remove the name of the ConfigMap from the Workspace',
      });
    }
  }
  report.take(inner.problems);
  return document;
}
