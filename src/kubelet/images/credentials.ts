import type { Secret } from '../../apis/core/secret.ts'
import type { ImageAuth } from '../runtime/types.ts'
import { registryOf } from './reference.ts'

interface DockerEntry {
  readonly username?: string
  readonly password?: string
  readonly auth?: string
  readonly identitytoken?: string
  readonly registrytoken?: string
}

/** Credentials for an image out of pull secrets, the closest match first. */
export function credentialsFor(image: string, secrets: readonly Secret[]): ImageAuth[] {
  const entries = secrets.flatMap(secretEntries)
  return entries
    .filter(([key]) => matches(key, image))
    .sort(([a], [b]) => b.length - a.length)
    .map(([, entry]) => toAuth(entry))
}

function secretEntries(secret: Secret): [string, DockerEntry][] {
  const current = secret.type === 'kubernetes.io/dockerconfigjson' ? secret.data?.['.dockerconfigjson'] : undefined
  const legacy = secret.type === 'kubernetes.io/dockercfg' ? secret.data?.['.dockercfg'] : undefined
  try {
    if (current !== undefined) return Object.entries((parse(current) as { auths?: Record<string, DockerEntry> }).auths ?? {})
    return legacy === undefined ? [] : Object.entries(parse(legacy) as Record<string, DockerEntry>)
  } catch (error) {
    throw new Error(`read pull secret ${secret.metadata.namespace}/${secret.metadata.name}: ${(error as Error).message}`, { cause: error })
  }
}

const parse = (data: string): unknown => JSON.parse(Buffer.from(data, 'base64').toString('utf8'))

const dockerHub = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io'])

/** Keys are a registry with an optional path, `https://` in front and a version behind are ignored; `*` stands for a part of a host. */
function matches(key: string, image: string): boolean {
  const plain = key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/$/, '')
  const [keyHost = '', ...keyPath] = plain.split('/')
  const registry = registryOf(image)
  if (dockerHub.has(keyHost)) return dockerHub.has(registry)
  const pattern = keyHost
    .split('.')
    .map(part => part.split('*').map(escapeText).join('[^.]*'))
    .join('\\.')
  if (!new RegExp(`^${pattern}$`).test(registry)) return false
  const imagePath = image.slice(image.indexOf('/') + 1)
  const path = keyPath.join('/')
  // The key may name a repository itself, then a tag or digest follows.
  return path === '' || (imagePath.startsWith(path) && '/:@'.includes(imagePath.charAt(path.length)))
}

const escapeText = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** No server address: containerd takes one without a scheme for another server's, and the key has been matched already. */
function toAuth(entry: DockerEntry): ImageAuth {
  const [username, ...password] = entry.auth ? Buffer.from(entry.auth, 'base64').toString('utf8').split(':') : []
  return {
    username: entry.username ?? username,
    password: entry.password ?? (entry.auth ? password.join(':') : undefined),
    identityToken: entry.identitytoken,
    registryToken: entry.registrytoken,
  }
}
