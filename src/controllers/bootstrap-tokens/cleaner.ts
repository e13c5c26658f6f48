import { isNotFound } from '../../apimachinery/api-errors.ts'
import { secretKind } from '../../apis/core/secret.ts'
import { runController, watchOf } from '../../client/index.ts'
import { type Controller, ownKey, splitKey } from '../controller.ts'

export const tokenType = 'bootstrap.kubernetes.io/token'
export const tokenNamespace = 'kube-system'

/** Removes tokens in the moment in which they expire. */
export const bootstrapTokenCleaner: Controller = {
  name: 'token-cleaner',
  start(context) {
    const { client, clock, logger } = context
    const secrets = client.informer(secretKind, { namespace: tokenNamespace, fieldSelector: `type=${tokenType}` })
    return runController({
      ...context,
      watches: [watchOf(secrets, ownKey)],
      async reconcile(key) {
        const { name } = splitKey(key)
        const secret = secrets.get(tokenNamespace, name)
        const expiration = Buffer.from(secret?.data?.expiration ?? '', 'base64').toString()
        if (!secret || secret.metadata.deletionTimestamp !== undefined || expiration === '') return
        const end_ms = Date.parse(expiration)
        if (Number.isNaN(end_ms)) logger.warn(`bootstrap token ${name}: its expiration is no time; it is removed, since nobody may use it`)
        const left_ms = Number.isNaN(end_ms) ? 0 : end_ms - clock.now()
        if (left_ms > 0) return { requeueAfter_ms: left_ms }
        try {
          await client.delete(secretKind, tokenNamespace, name, { preconditions: { uid: secret.metadata.uid } })
        } catch (error) {
          if (!isNotFound(error)) throw error
        }
      },
    })
  },
}
