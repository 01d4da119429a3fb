/** Parameters of a kernel's command line, quotes kept: a blank within double quotes parts nothing. */
export function kernelParameters(commandLine: string): string[] {
  const parameters: string[] = [];
  let current = '';
  let quoted = false;
  for (const char of commandLine.slice(0, 65_536)) {
    if (char === '"') quoted = !quoted;
    if (!quoted && /\s/.test(char)) {
      if (current !== '') parameters.push(current);
      current = '';
    } else current += char;
  }
  if (current !== '') parameters.push(current);
  return parameters;
}

/** Name of a parameter: `root` of `root=/dev/sda1`. */
export function parameterName(parameter: string): string {
  const equals = parameter.indexOf('=');
  return equals < 0 ? parameter : parameter.slice(0, equals);
}

/** The command line without the parameters of these names. */
export function withoutParameters(commandLine: string, names: ReadonlySet<string>): string[] {
  return kernelParameters(commandLine).filter((one) => !names.has(parameterName(one)));
}
