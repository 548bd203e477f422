// The SDK's one entry: what its users may use. The other files of this folder may change at any time.

export { KlatchClient } from './client.js';
export { socketUrl } from './connection.js';
export { Conversations } from './model/conversations.js';
export { Loading } from './model/loading.js';
export { byteLength, maxIdBytes, maxMessageBytes, maxNameBytes, spelledId, validId, wellFormed } from './protocol.js';
export { RequestError } from './requests.js';
