/**
 * How this program was called, for commands to type next: `npx neurona` where npx runs what a folder has installed, which
 * sets these variables and no npm script does.
 */
export function programName(
  { npm_lifecycle_event: event, npm_lifecycle_script: script } = process.env,
): string {
  return event === 'npx' && /^'?neurona\b/.test(script ?? '') ? 'npx neurona' : 'neurona';
}
