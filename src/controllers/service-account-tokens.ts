import { isNotFound } from '../apimachinery/api-errors.ts'
import { type Secret, secretKind } from '../apis/core/secret.ts'
import { type ServiceAccount, serviceAccountKind } from '../apis/core/service-account.ts'
import { runController, watchOf } from '../client/index.ts'
import { type Controller, keyOf, ownKey, splitKey } from './controller.ts'

const type = 'kubernetes.io/service-account-token'
const nameAnnotation = 'kubernetes.io/service-account.name'
const uidAnnotation = 'kubernetes.io/service-account.uid'

/** What is needed to make a token that lives in a Secret. */
export type SecretTokenIssuer = (content: {
  readonly namespace: string
  readonly serviceAccount: { readonly name: string; readonly uid: string }
  readonly secretName: string
}) => string

/** Secrets that ask for a token of a service account get one, and go with the account. */
export const serviceAccountTokenController: Controller = {
  // As upstream it is not one of the controllers with an account of their own.
  name: 'kube-controller-manager',
  start(context) {
    const { client, rootCertificate, issueSecretToken } = context
    const secrets = client.informer(secretKind, { fieldSelector: `type=${type}` })
    const accounts = client.informer(serviceAccountKind)
    secrets.addIndex('account', secret => [`${secret.metadata.namespace}/${secret.metadata.annotations?.[nameAnnotation]}`])
    return runController({
      ...context,
      watches: [
        watchOf(secrets, ownKey),
        watchOf(accounts, (old, current) => {
          const account = current ?? old
          return account ? secrets.byIndex('account', keyOf(account)).map(keyOf) : []
        }),
      ],
      async reconcile(key) {
        const { namespace = '', name } = splitKey(key)
        const secret = secrets.get(namespace, name)
        if (!secret) return forget(namespace, name)
        if (secret.metadata.deletionTimestamp !== undefined) return
        const account = accounts.get(namespace, secret.metadata.annotations?.[nameAnnotation] ?? '')
        if (!account || isForAnother(secret, account)) return remove(secret)
        if (!issueSecretToken || account.metadata.deletionTimestamp !== undefined) return
        const filled = fill(secret, account, issueSecretToken)
        if (filled !== secret) await client.update(secretKind, filled)
      },
    })

    function fill(secret: Secret, account: ServiceAccount, issue: SecretTokenIssuer): Secret {
      const { namespace = '', name: secretName = '' } = secret.metadata
      const { name = '', uid = '' } = account.metadata
      const { data = {} } = secret
      const certificate = encode(rootCertificate)
      if (data.token && data['ca.crt'] === certificate && data.namespace && secret.metadata.annotations?.[uidAnnotation] === uid)
        return secret
      const token = data.token || encode(issue({ namespace, serviceAccount: { name, uid }, secretName }))
      return {
        ...secret,
        metadata: { ...secret.metadata, annotations: { ...secret.metadata.annotations, [uidAnnotation]: uid } },
        data: { ...data, token, 'ca.crt': certificate, namespace: data.namespace || encode(namespace) },
      }
    }

    async function remove({ metadata: { namespace, name = '', uid } }: Secret): Promise<void> {
      try {
        await client.delete(secretKind, namespace, name, { preconditions: { uid } })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    }

    /** An account must not refer to a secret that is gone. */
    async function forget(namespace: string, name: string): Promise<void> {
      for (const account of accounts.list(namespace)) {
        if (!account.secrets?.some(reference => reference.name === name)) continue
        await client.update(serviceAccountKind, { ...account, secrets: account.secrets.filter(reference => reference.name !== name) })
      }
    }
  },
}

function isForAnother({ metadata }: Secret, account: ServiceAccount): boolean {
  const uid = metadata.annotations?.[uidAnnotation]
  return uid !== undefined && uid !== account.metadata.uid
}

const encode = (text: string): string => Buffer.from(text).toString('base64')
