/** What a client sent can't be read; the message has the shape of upstream's decoders. */
export class DecodeError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DecodeError'
  }
}

/** Formats `['spec', 'containers', 0, 'foo']` as `spec.containers[0].foo`. */
export function formatPath(path: readonly (string | number)[]): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text ? `.${step}` : step
  }
  return text
}
