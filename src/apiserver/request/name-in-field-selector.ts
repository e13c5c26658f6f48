/**
 * The one name to which a field selector narrows a collection, or ''. Rules about single names also hold for such
 * requests: a kubelet may watch exactly the ConfigMaps of its pods.
 */
export function nameInFieldSelector(selector: string | undefined): string {
  const match = selector ? /(?:^|,)metadata\.name==?([^,]+)(?:,|$)/.exec(selector) : null
  return match?.[1] ?? ''
}

export const isCollectionVerb = (verb: string): boolean => verb === 'list' || verb === 'watch' || verb === 'deletecollection'
