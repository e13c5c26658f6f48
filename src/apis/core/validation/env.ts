import { type FieldError, invalidField } from '../../../apimachinery/field-error.ts'
import { validateConfigMapKey, validateDnsLabel, validateDnsSubdomain, validateEnvVarName } from '../../../apimachinery/names.ts'
import type { ConfigMapKeySelector, EnvFromSource, EnvVar, EnvVarSource, FileKeySelector, SecretKeySelector } from '../container.ts'
import { environmentFieldPaths, validateFieldReference, validateResourceReference } from './field-references.ts'
import { validateLocalNonReservedPath } from './paths.ts'
import { each, invalid, optionalName, required, requiredName } from './rules.ts'

export const validateEnv = (variables: readonly EnvVar[] | undefined, path: string): FieldError[] =>
  each(variables, path, (variable, at) => [
    ...requiredName(variable.name, `${at}.name`, validateEnvVarName),
    ...(variable.valueFrom ? validateSource(variable.valueFrom, variable.value ?? '', `${at}.valueFrom`) : []),
  ])

function validateSource(source: EnvVarSource, value: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  let sources = 0
  if (source.fieldRef) {
    sources++
    errors.push(...validateFieldReference(source.fieldRef, `${path}.fieldRef`, environmentFieldPaths))
  }
  if (source.resourceFieldRef) {
    sources++
    errors.push(...validateResourceReference(source.resourceFieldRef, `${path}.resourceFieldRef`, false))
  }
  if (source.configMapKeyRef) {
    sources++
    errors.push(...validateKeySelector(source.configMapKeyRef, `${path}.configMapKeyRef`))
  }
  if (source.secretKeyRef) {
    sources++
    errors.push(...validateKeySelector(source.secretKeyRef, `${path}.secretKeyRef`))
  }
  if (source.fileKeyRef) {
    sources++
    errors.push(...validateFileKeySelector(source.fileKeyRef, `${path}.fileKeyRef`))
  }
  if (sources === 0) {
    const kinds = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    errors.push(invalidField(path, '', `must specify one of: ${kinds}`))
  } else if (value !== '') errors.push(invalidField(path, '', 'may not be specified when `value` is not empty'))
  else if (sources > 1) errors.push(invalidField(path, '', 'may not have more than one field specified at a time'))
  return errors
}

function validateKeySelector(selector: ConfigMapKeySelector | SecretKeySelector, path: string): FieldError[] {
  const name = selector.name ?? ''
  return [...invalid(`${path}.name`, name, validateDnsSubdomain(name)), ...requiredName(selector.key, `${path}.key`, validateConfigMapKey)]
}

function validateFileKeySelector(selector: FileKeySelector, path: string): FieldError[] {
  return [
    ...requiredName(selector.volumeName, `${path}.volumeName`, validateDnsLabel),
    ...required(selector.path, `${path}.path`),
    ...validateLocalNonReservedPath(selector.path ?? '', `${path}.path`),
    ...requiredName(selector.key, `${path}.key`, validateEnvVarName),
  ]
}

export const validateEnvFrom = (sources: readonly EnvFromSource[] | undefined, path: string): FieldError[] =>
  each(sources, path, (source, at) => {
    const errors = optionalName(source.prefix, `${at}.prefix`, validateEnvVarName)
    if (source.configMapRef) errors.push(...requiredName(source.configMapRef.name, `${at}.configMapRef.name`, validateDnsSubdomain))
    if (source.secretRef) errors.push(...requiredName(source.secretRef.name, `${at}.secretRef.name`, validateDnsSubdomain))
    // Upstream names the list here, not the item.
    if (!source.configMapRef && !source.secretRef) errors.push(invalidField(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    if (source.configMapRef && source.secretRef) errors.push(invalidField(path, '', 'may not have more than one field specified at a time'))
    return errors
  })
