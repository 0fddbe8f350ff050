import type { DebianHost } from '../../../rehearsal/host/host.ts';

/**
 * Installs Docker on a Debian host and starts it. There is no registry, so an image `base:1` is made of the host's own `sleep` and
 * `cat` with what they need to run.
 */
export async function startDocker(debian: DebianHost): Promise<void> {
  await debian.shell(`set -e
export DEBIAN_FRONTEND=noninteractive
apt-get install -qq git docker.io >/dev/null
systemctl start docker
cd /
tar -chf /srv/base.tar bin/sleep bin/cat lib64/ld-linux-x86-64.so.2 lib/x86_64-linux-gnu/libc.so.6
docker import --change 'CMD ["/bin/sleep", "1000"]' /srv/base.tar base:1 >/dev/null`);
}
