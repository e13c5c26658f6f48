import { parseFieldSelector } from '../../apimachinery/selectors.ts'

/**
 * The one name to which a field selector narrows a collection, or ''. Rules about single names also hold for such
 * requests: a kubelet may watch exactly the ConfigMaps of its pods. Read as the selection itself is read, so that nobody
 * is allowed one name and shown others.
 */
export function nameInFieldSelector(selector: string | undefined): string {
  if (!selector?.includes('metadata.name')) return ''
  try {
    return parseFieldSelector(selector).find(({ field, operator }) => field === 'metadata.name' && operator === '=')?.value ?? ''
  } catch {
    // What can't be read names nothing, and is refused as such later.
    return ''
  }
}

export const isCollectionVerb = (verb: string): boolean => verb === 'list' || verb === 'watch' || verb === 'deletecollection'
