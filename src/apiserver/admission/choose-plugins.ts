import type { AdmissionStep } from '../types.ts'

/** Upstream's two flags: names of plugins, with commas between them. */
export interface PluginChoice {
  readonly enable?: string
  readonly disable?: string
}

/** What stands in the list and acts only where an administrator asks for it. */
const offByDefault = new Set(['AlwaysPullImages', 'DenyServiceExternalIPs', 'OwnerReferencesPermissionEnforcement'])

/** These are no plugins but part of what the server promises. */
const alwaysOn = new Set(['KindsWithoutEffect', 'RBACEscalation'])

/** The steps that shall act, in their order. Throws on names that nothing here has, which nobody means. */
export function choosePlugins(steps: readonly AdmissionStep[], { enable, disable }: PluginChoice): readonly AdmissionStep[] {
  const [enabled, disabled] = [namesOf(enable), namesOf(disable)]
  const known = steps.map(({ name }) => name).filter(name => !alwaysOn.has(name))
  for (const [flag, names] of [
    ['enable-admission-plugins', enabled],
    ['disable-admission-plugins', disabled],
  ] as const) {
    const unknown = names.find(name => !known.includes(name))
    if (unknown !== undefined)
      throw new Error(`${flag} plugin ${JSON.stringify(unknown)} is unknown; there are ${[...known].sort().join(', ')}`)
  }
  const both = enabled.filter(name => disabled.includes(name))
  if (both.length > 0) throw new Error(`${both.join(', ')} in enable-admission-plugins and disable-admission-plugins overlapped`)
  return steps.filter(({ name }) => !disabled.includes(name) && (!offByDefault.has(name) || enabled.includes(name)))
}

const namesOf = (list: string | undefined): readonly string[] =>
  (list ?? '')
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
