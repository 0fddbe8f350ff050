/** The first error that nginx printed, without the time and process number before it; warnings come before errors. */
export function firstError(text: string): string {
  const lines = text.trim().split('\n');
  const line = lines.find((one) => one.includes('[emerg]')) ?? lines[0] ?? '';
  return line.replace(/^.*\[emerg\] (\d+#\d+: )?/, '').slice(0, 500);
}
