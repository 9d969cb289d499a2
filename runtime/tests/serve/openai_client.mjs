// The official OpenAI client for Node: models, a whole answer, a stream, an error, a cancelled stream.
// Called by test_openai_node.py with the base URL; prints what it saw as JSON.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../package.json', import.meta.url));
const OpenAI = require('openai').default;
const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: 'none', maxRetries: 0 });
const question = { model: 'tiny', messages: [{ role: 'user', content: 'say hello' }], max_tokens: 16, temperature: 0 };

const models = [];
for await (const model of client.models.list()) models.push(model.id);

const whole = await client.chat.completions.create(question);

let streamed = '';
let usage;
for await (const chunk of await client.chat.completions.create({
  ...question,
  stream: true,
  stream_options: { include_usage: true },
})) {
  streamed += chunk.choices[0]?.delta?.content ?? '';
  usage = chunk.usage ?? usage;
}

let status = 0;
try {
  await client.chat.completions.create({ ...question, model: 'nothing' });
} catch (error) {
  status = error.status;
}

const long = await client.completions.create({ model: 'tiny', prompt: 'hello', max_tokens: 480, stream: true });
let parts = 0;
for await (const _ of long) {
  parts += 1;
  if (parts === 3) long.controller.abort();
}

console.log(JSON.stringify({ models, whole: whole.choices[0].message.content, streamed, usage, status, parts }));
