import { dump } from 'js-yaml'

/** YAML as kubectl and Go write it: block style, keys sorted, no references. */
export const toYaml = (value: unknown): string => dump(value, { sortKeys: true, noRefs: true, lineWidth: -1 })
