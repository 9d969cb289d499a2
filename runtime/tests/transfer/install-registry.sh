#!/bin/sh
# Installs what the transfer tests talk to: a real registry and an independent client to look inside it.
# Debian and Ubuntu packages; elsewhere install the CNCF distribution registry (as `docker-registry`) and skopeo.
set -eu
missing=""
for program in docker-registry skopeo; do
  command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
  echo "the transfer tests need:$missing; install them (Debian packages of the same names) as root" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list of packages
apt-get install -y -qq --no-install-recommends $missing >&2
