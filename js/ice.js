// Converts forms of ICE servers that the PeerJS reference shows and browsers no longer accept.

/** Converts `{url: "turn:user@host"}` to `{urls: "turn:host", username: "user"}`. */
function modern({ url, ...server }) {
  const [, scheme, username, host] = /^(turns?:)([^@]+)@(.+)$/.exec(url) ?? [];
  return host ? { username, ...server, urls: scheme + host } : { ...server, urls: url };
}

/**
 * Converts the old ICE servers of a configuration.
 *
 * @param {RTCConfiguration | (() => RTCConfiguration | Promise<RTCConfiguration>)} config
 * @returns the same object if it has none; of a function, one whose result is converted
 */
export function modernConfig(config) {
  if (typeof config === "function") {
    return async () => modernConfig(await config());
  }
  const isOld = ({ url, urls }) => url !== undefined && urls === undefined;
  if (!config?.iceServers?.some?.(isOld)) {
    return config;
  }
  const iceServers = config.iceServers.map((server) => (isOld(server) ? modern(server) : server));
  return { ...config, iceServers };
}
