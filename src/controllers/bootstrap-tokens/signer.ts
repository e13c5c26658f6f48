import { createHmac } from 'node:crypto'
import { configMapKind } from '../../apis/core/config-map.ts'
import { type Secret, secretKind } from '../../apis/core/secret.ts'
import { runController, watchOf } from '../../client/index.ts'
import type { Controller } from '../controller.ts'
import { tokenNamespace, tokenType } from './cleaner.ts'

const namespace = 'kube-public'
const name = 'cluster-info'
const signaturePrefix = 'jws-kubeconfig-'

/** `kube-public/cluster-info` carries a signature by each token, so that whoever holds one knows that it is genuine. */
export const bootstrapSigner: Controller = {
  name: 'bootstrap-signer',
  start(context) {
    const { client, clock } = context
    const configMaps = client.informer(configMapKind, { namespace, fieldSelector: `metadata.name=${name}` })
    const secrets = client.informer(secretKind, { namespace: tokenNamespace, fieldSelector: `type=${tokenType}` })
    return runController({
      ...context,
      watches: [watchOf(configMaps, () => [name]), watchOf(secrets, () => [name])],
      async reconcile() {
        const info = configMaps.get(namespace, name)
        const kubeconfig = info?.data?.kubeconfig
        if (!info || kubeconfig === undefined) return
        const others = Object.entries(info.data ?? {}).filter(([key]) => !key.startsWith(signaturePrefix))
        const signatures = secrets
          .list(tokenNamespace)
          .flatMap(secret => signatureBy(secret, kubeconfig, clock.now()) ?? [])
          .sort(([one], [other]) => (one < other ? -1 : 1))
        const data = Object.fromEntries([...others, ...signatures])
        if (!isSame(data, info.data ?? {})) await client.update(configMapKind, { ...info, data })
      },
    })
  },
}

function signatureBy(secret: Secret, kubeconfig: string, now_ms: number): [key: string, signature: string][] | undefined {
  const field = (key: string) => Buffer.from(secret.data?.[key] ?? '', 'base64').toString()
  const [id, value, expiration] = [field('token-id'), field('token-secret'), field('expiration')]
  if (secret.metadata.deletionTimestamp !== undefined || !id || !value || field('usage-bootstrap-signing') !== 'true') return undefined
  if (secret.metadata.name !== `bootstrap-token-${id}` || (expiration !== '' && !(Date.parse(expiration) > now_ms))) return undefined
  return [[`${signaturePrefix}${id}`, detachedSignature(kubeconfig, id, value)]]
}

/** A JWS whose payload is left out, since it stands beside it. */
export function detachedSignature(payload: string, keyId: string, key: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: keyId })).toString('base64url')
  const signature = createHmac('sha256', key)
    .update(`${header}.${Buffer.from(payload).toString('base64url')}`)
    .digest('base64url')
  return `${header}..${signature}`
}

const isSame = (left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>>): boolean =>
  Object.keys(left).length === Object.keys(right).length && Object.entries(left).every(([key, value]) => right[key] === value)
