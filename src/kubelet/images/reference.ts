/** Whether a text can name an image: `[host[:port]/]path[:tag][@digest]`. */
export function isImageReference(image: string): boolean {
  const match =
    /^(?<name>[^@]+?)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$/.exec(
      image,
    )
  const name = match?.groups?.name
  return name !== undefined && name.length <= 255 && isName(name) && !/^[0-9a-f]{64}$/.test(image)
}

const host =
  /^(?:(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])(?:\.(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]))*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/

function isName(name: string): boolean {
  const [first = '', ...rest] = name.split('/')
  if (rest.length === 0) return component.test(first)
  return rest.every(part => component.test(part)) && (component.test(first) || host.test(first))
}

/** The host of a registry, by which credentials are chosen; Docker Hub where none is written. */
export function registryOf(image: string): string {
  const first = image.split('/', 1)[0] ?? ''
  const isHost = image.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost')
  return isHost ? first : 'docker.io'
}
