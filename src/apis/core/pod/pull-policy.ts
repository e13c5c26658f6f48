/** `Always` for the tag latest, said or implied; `IfNotPresent` for other tags, digests and names that are no image. */
export function defaultPullPolicy(image: string | undefined): 'Always' | 'IfNotPresent' {
  const [, name, tag, digest] = imageReference.exec(image ?? '') ?? []
  if (name === undefined) return 'IfNotPresent'
  return tag === 'latest' || (tag === undefined && digest === undefined) ? 'Always' : 'IfNotPresent'
}

const imageReference =
  /^((?:[A-Za-z0-9.-]+(?::[0-9]+)?\/|\[[0-9a-fA-F:]+\](?::[0-9]+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$/
