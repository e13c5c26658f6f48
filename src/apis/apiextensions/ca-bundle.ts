import { X509Certificate } from 'node:crypto'
import { pemBlocks } from '../certificates/pem.ts'
import type { CustomResourceConversion } from './custom-resource-definition-types.ts'

/**
 * Why nobody could be trusted by the authorities of a conversion webhook. Many definitions carry a line break in their place
 * until somebody injects the real ones.
 */
export function caBundleProblem(conversion: CustomResourceConversion | undefined): string | undefined {
  const bundle = conversion?.webhook?.clientConfig?.caBundle
  if (!bundle) return undefined
  const why = pemProblem(Buffer.from(bundle, 'base64').toString('latin1'))
  return why && `unable to load root certificates: ${why}`
}

function pemProblem(pem: string): string | undefined {
  const blocks = [...pemBlocks(pem)]
  if (blocks.length === 0) return 'unable to parse bytes as PEM block'
  let trouble: string | undefined
  for (const { whole, type } of blocks) {
    if (type !== 'CERTIFICATE') continue
    try {
      new X509Certificate(whole)
      return undefined
    } catch (error) {
      trouble ??= `failed to parse certificate: ${(error as Error).message}`
    }
  }
  return trouble ?? 'no valid certificate authority data seen'
}
