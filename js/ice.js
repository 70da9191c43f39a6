// Spellings of ICE servers that the documents show and browsers no longer take.

/** `{url: "turn:user@host"}` as `{urls: "turn:host", username: "user"}`. */
function modern({ url, ...server }) {
  const [, scheme, username, host] = /^(turns?:)([^@]+)@(.+)$/.exec(url) ?? [];
  return host ? { username, ...server, urls: scheme + host } : { ...server, urls: url };
}

/**
 * @param {RTCConfiguration} config
 * @returns {RTCConfiguration} the same object where it needs no change
 */
export function modernConfig(config) {
  const isOld = ({ url, urls }) => url !== undefined && urls === undefined;
  if (!config?.iceServers?.some?.(isOld)) {
    return config;
  }
  const iceServers = config.iceServers.map((server) => (isOld(server) ? modern(server) : server));
  return { ...config, iceServers };
}
