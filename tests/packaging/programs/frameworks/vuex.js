// A chat in Vue 2 that keeps its Peer and its connections in a Vuex store, which observes them deeply.
import Peer from "peerjs";
import Vue from "vue";
import Vuex from "vuex";

Vue.use(Vuex);
Vue.config.productionTip = false;

const makeStore = () =>
  new Vuex.Store({
    state: { peer: null, id: "", connections: [], messages: [] },
    mutations: {
      peer: (state, peer) => (state.peer = peer),
      id: (state, id) => (state.id = id),
      connection: (state, connection) => state.connections.push(connection),
      message: (state, message) => state.messages.push(message),
      leave(state) {
        state.peer.destroy();
        state.peer = null;
      },
    },
    actions: {
      join: ({ commit, dispatch, state }, server) =>
        new Promise((resolve, reject) => {
          commit("peer", new Peer(server));
          state.peer.on("open", (id) => {
            commit("id", id);
            resolve(id);
          });
          state.peer.on("error", reject);
          state.peer.on("connection", (connection) => dispatch("take", connection));
        }),
      connect({ dispatch, state }, id) {
        dispatch("take", state.peer.connect(id, { metadata: { from: state.id } }));
      },
      take({ commit, state }, connection) {
        commit("connection", connection);
        connection.on("open", () => connection.send({ text: `hello from ${state.id}` }));
        connection.on("data", (message) => commit("message", message.text));
      },
    },
  });

const view = (store) =>
  new Vue({
    store,
    computed: Vuex.mapState(["id", "peer", "connections", "messages"]),
    render(create) {
      const { id, peer, connections, messages } = this;
      const open = connections.filter((connection) => connection.open).length;
      const said = messages.length;
      return create("p", [`${id === peer?.id}, ${connections.length}, ${open}, ${said}`]);
    },
  }).$mount();

const once = (view, wanted) =>
  new Promise((resolve) => {
    const look = () => view.messages.length >= wanted && resolve();
    view.$watch("messages", look);
    look();
  });

globalThis.run = async (server) => {
  const options = { ...server, config: { iceServers: [] } };
  const views = [makeStore(), makeStore()].map(view);
  const [near, far] = views.map(({ $store }) => $store);
  await Promise.all([near.dispatch("join", options), far.dispatch("join", options)]);
  near.dispatch("connect", far.state.id);
  await Promise.all(views.map((view) => once(view, 1)));
  await Vue.nextTick();
  const shown = views.map((view) => view.$el.textContent);
  const said = [near, far].map(({ state }) => state.messages[0]);
  const heard =
    said[0] === `hello from ${far.state.id}` && said[1] === `hello from ${near.state.id}`;
  const { peer } = near.state;
  near.commit("leave");
  far.commit("leave");
  return { shown, heard, destroyed: peer.destroyed };
};
