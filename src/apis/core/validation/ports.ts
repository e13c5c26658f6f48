import { duplicateField, type FieldError, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import { validateIpAddress, validatePortName, validatePortNumber } from '../../../apimachinery/names.ts'
import type { Container, ContainerPort } from '../container.ts'
import { each, invalid, oneOf, optionalName } from './rules.ts'

export function validateContainerPorts(ports: readonly ContainerPort[] | undefined, path: string): FieldError[] {
  const names = new Set<string>()
  return each(ports, path, (port, at) => {
    const errors: FieldError[] = []
    if (port.name) {
      const messages = validatePortName(port.name)
      errors.push(...invalid(`${at}.name`, port.name, messages))
      if (messages.length === 0 && names.has(port.name)) errors.push(duplicateField(`${at}.name`, port.name))
      names.add(port.name)
    }
    if (!port.containerPort) errors.push(requiredField(`${at}.containerPort`))
    else errors.push(...invalid(`${at}.containerPort`, port.containerPort, validatePortNumber(port.containerPort)))
    if (port.hostPort) errors.push(...invalid(`${at}.hostPort`, port.hostPort, validatePortNumber(port.hostPort)))
    errors.push(...optionalName(port.hostIP, `${at}.hostIP`, validateIpAddress))
    errors.push(...oneOf(port.protocol, `${at}.protocol`, ['SCTP', 'TCP', 'UDP']))
    return errors
  })
}

/** A port of the host can be taken once among containers that run together. */
export function validateHostPortConflicts(containers: readonly Container[], path: string): FieldError[] {
  const taken = new Set<string>()
  return each(containers, path, (container, at) =>
    each(container.ports, `${at}.ports`, (port, portAt) => {
      if (!port.hostPort) return []
      const key = `${port.protocol ?? ''}/${port.hostIP ?? ''}/${port.hostPort}`
      if (taken.has(key)) return [duplicateField(`${portAt}.hostPort`, key)]
      taken.add(key)
      return []
    }),
  )
}

/** With host networking a host port is the container's port; templates may leave it out, since pods get it by default. */
export const validateHostNetworkPorts = (containers: readonly Container[] | undefined, path: string, isPod: boolean): FieldError[] =>
  each(containers, path, (container, at) =>
    each(container.ports, `${at}.ports`, (port, portAt) => {
      const hostPort = port.hostPort ?? 0
      return (isPod || hostPort !== 0) && hostPort !== (port.containerPort ?? 0)
        ? [invalidField(`${portAt}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')]
        : []
    }),
  )

/** A port given by number or by the name of a container's port. */
export const validatePortNumberOrName = (port: number | string | undefined, path: string): FieldError[] =>
  typeof port === 'string' ? invalid(path, port, validatePortName(port)) : invalid(path, port ?? 0, validatePortNumber(port ?? 0))
