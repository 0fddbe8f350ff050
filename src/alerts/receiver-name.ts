/**
 * The name of a receiver as the configuration of Alertmanager gives it: in webhooks it stands quoted for a regular expression, so
 * that `web.hook` arrives as `web\.hook` (https://pkg.go.dev/regexp#QuoteMeta). A name that is not quoted stays as it is.
 */
export function receiverName(quoted: string): string {
  return quoted.replace(/\\([\\.+*?()|[\]{}^$])/g, '$1');
}
