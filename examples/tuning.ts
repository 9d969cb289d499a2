// Fine-tuning that feeds serving: a QLoRA adapter is trained on rows from the web, pushed as an image, and served under
// its own model id beside the model itself.
import { Cluster, Workspace, type Fleet } from 'slipway';

export function tuning(fleet: Fleet): void {
  const cluster = new Cluster(fleet, 'tuning', {
    cloud: 'azure',
    region: 'eastus',
    defaults: { namespace: 'support' },
  });
  const tickets = new Workspace(cluster, 'tickets', {
    tuning: {
      preset: { name: 'phi-4-mini-instruct' },
      method: 'qlora',
      config: {
        training_config: {
          LoraConfig: { r: 16, lora_alpha: 32 },
          TrainingArguments: { num_train_epochs: 3, learning_rate: 0.0002, per_device_train_batch_size: 4 },
        },
      },
      input: { urls: ['https://data.example.com/support/tickets.jsonl'] },
      // A tag for each training: pods that serve it change with it.
      output: { image: 'registry.example.com/adapters/tickets:2026-11', imagePushSecret: 'adapter-registry' },
    },
  });
  new Workspace(cluster, 'assistant', {
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    inference: {
      preset: { name: 'phi-4-mini-instruct' },
      adapters: [{ source: { name: 'tickets', tuning: tickets } }],
    },
  });
}
