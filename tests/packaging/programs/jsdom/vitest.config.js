// PEERJS is the file that programs get for "peerjs".
export default {
  resolve: { alias: { peerjs: process.env.PEERJS } },
  test: { environment: "jsdom", globals: true },
};
