import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { addObject } from '../../src/workload/object';
import { toYaml, type JsonObject } from '../../src/workload/yaml';

const manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'team', labels: { app: 'x' } },
  data: { text: 'one\ntwo\n', left: undefined },
  list: [{ b: 1, a: [] }],
};

function add(): ApiObject {
  const chart = new Chart(new App(), 'chart');
  addObject(chart, manifest);
  return ApiObject.of(chart.node.findChild('configmap-a'));
}

test('prints as a plain ApiObject of cdk8s does', () => {
  const stock = new ApiObject(new Chart(new App(), 'chart'), 'a', manifest);
  expect(toYaml(add().toJson() as JsonObject)).toBe(toYaml(stock.toJson() as JsonObject));
});

test('added metadata and patches count', () => {
  const object = add();
  object.metadata.addAnnotation('example.com/a', '1');
  expect(object.toJson()).toMatchObject({ metadata: { annotations: { 'example.com/a': '1' } } });
  object.addJsonPatch(JsonPatch.replace('/data/text', 'three'));
  expect(object.toJson()).toMatchObject({
    metadata: { annotations: { 'example.com/a': '1' } },
    data: { text: 'three' },
  });
});
