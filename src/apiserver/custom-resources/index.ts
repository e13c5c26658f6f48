/**
 * Custom resources: what a CustomResourceDefinition in the store becomes. Its names are accepted or in conflict, it is
 * established and its kinds are served, in discovery and OpenAPI at once; when it is deleted its objects go first.
 * In go stored definitions and their changes, out come kinds for the server and the status of each definition.
 * Nothing here answers a request: custom kinds take the way of all kinds.
 */
export { type CustomResources, type CustomResourcesOptions, startCustomResources } from './custom-resources.ts'
