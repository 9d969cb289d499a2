// Guards what a bench leaves on this machine: reads lines "+pid", "-pid" and "folder path". When its standard input
// ends, it stops the programs that are left (the bench died without stopping them) by process id, last started first,
// and removes the folders.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const running = [];
const folders = [];

// Each program leads a process group of its own: what it has started itself goes with it.
function signal(pid, name) {
  try {
    process.kill(-pid, name);
    return true;
  } catch {
    return false;
  }
}

// The bench and its terminal may send these to the whole group; this process ends when its work is done.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('folder ')) folders.push(line.slice('folder '.length));
  else if (line.startsWith('+')) running.push(Number(line.slice(1)));
  else {
    const index = running.indexOf(Number(line.slice(1)));
    if (index >= 0) running.splice(index, 1);
  }
}

for (const pid of running.reverse()) {
  signal(pid, 'SIGTERM');
  for (let tenths = 0; tenths < 100 && signal(pid, 0); tenths++) await sleep(100);
  signal(pid, 'SIGKILL');
}
for (const folder of folders) rmSync(folder, { recursive: true, force: true });
