import { APIGroup, APIGroupList, APIResourceList, APIVersions } from '../../apimachinery/openapi/common-types.ts'
import type { ObjectNode } from '../../apimachinery/schema.ts'

/** The documents of discovery as messages, by kind. */
export const discoveryMessages: Readonly<Record<string, ObjectNode>> = { APIVersions, APIGroup, APIGroupList, APIResourceList }
