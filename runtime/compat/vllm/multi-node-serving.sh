#!/bin/sh
# Joins this node to a Ray cluster, as KAITO's manifests ask for it:
#   multi-node-serving.sh leader --ray_cluster_size=N [--ray_port=6379]     returns when all N nodes are there
#   multi-node-serving.sh worker --ray_address=HOST [--ray_port=6379]       stays until the cluster ends
set -eu
role="${1:-}"
[ $# -gt 0 ] && shift
port=6379 address="" size="" wait_seconds=1800
for argument in "$@"; do
  case "$argument" in
    --ray_port=*) port="${argument#*=}" ;;
    --ray_address=*) address="${argument#*=}" ;;
    --ray_cluster_size=*) size="${argument#*=}" ;;
    --ray_init_timeout=*) wait_seconds="${argument#*=}" ;;
    *) echo "unknown argument $argument; known: --ray_port, --ray_address, --ray_cluster_size, --ray_init_timeout" >&2; exit 2 ;;
  esac
done
deadline=$(($(date +%s) + wait_seconds))
late() { [ "$(date +%s)" -ge "$deadline" ]; }
case "$role" in
  leader)
    [ -n "$size" ] || { echo "leader needs --ray_cluster_size" >&2; exit 2; }
    ray start --head --port="$port" --disable-usage-stats
    until [ "$(python -c 'import ray; ray.init(address="auto", log_to_driver=False); print(sum(n["Alive"] for n in ray.nodes()))' 2>/dev/null || echo 0)" -ge "$size" ]; do
      late && { echo "not all of $size nodes joined within $wait_seconds s" >&2; exit 1; }
      sleep 5
    done ;;
  worker)
    [ -n "$address" ] || { echo "worker needs --ray_address" >&2; exit 2; }
    until ray start --address="$address:$port" --block; do
      late && { echo "the leader $address:$port did not answer within $wait_seconds s" >&2; exit 1; }
      sleep 5
    done ;;
  *) echo "usage: multi-node-serving.sh leader|worker ..." >&2; exit 2 ;;
esac
