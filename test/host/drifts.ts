/** Something that somebody changed by hand on a host: what they ran as root, and the step whose check must name it. */
export interface Drift {
  readonly by: string;
  readonly step: string;
  /** What the check must say was found. */
  readonly names: string;
}

const site = '/etc/nginx/sites-available/softfactory';

/** One drift of each kind that the checklist's host can suffer. */
export const drifts: readonly Drift[] = [
  { by: 'chmod 0777 /opt/softfactory', step: 'host/directory', names: 'has mode 0777, wanted is 0755' },
  { by: 'chown root /var/log/softfactory', step: 'host/logs', names: '/var/log/softfactory' },
  {
    by: "echo 'PasswordAuthentication yes' >/etc/ssh/sshd_config.d/00-by-hand.conf",
    step: 'host/sshd',
    names: 'PasswordAuthentication is yes, wanted is no',
  },
  {
    by: 'nft insert rule inet slipway input tcp dport 9999 accept',
    step: 'host/firewall',
    names: '9999',
  },
  {
    by: "sed -i '1i host all all 0.0.0.0/0 trust' /etc/postgresql/15/main/pg_hba.conf",
    step: 'servers/postgres-access',
    names: 'pg_hba.conf',
  },
  {
    by: 'systemctl stop redis-server',
    step: 'servers/redis-service',
    names: 'is inactive (dead), wanted is running',
  },
  {
    by: 'echo "# by hand" >>/opt/softfactory/current/backend/app.py',
    step: 'code/checkout',
    names: 'has changes made by hand: backend/app.py',
  },
  {
    by: "sed -i '/^STRIPE_SECRET_KEY=/d' /opt/softfactory/.env",
    step: 'code/dotenv',
    names: 'lacks STRIPE_SECRET_KEY',
  },
  {
    by: "runuser -u postgres -- psql -X -c 'revoke connect on database softfactory from softfactory_app'",
    step: 'database/role',
    names: 'lacks connect in database softfactory',
  },
  { by: 'rm /etc/cron.d/*softfactory*', step: 'database/backups', names: '/etc/cron.d' },
  { by: 'systemctl disable --now softfactory', step: 'api/service', names: 'softfactory.service' },
  { by: `sed -i 's/max-age=[0-9]*/max-age=0/' ${site}`, step: 'nginx/site', names: site },
];
