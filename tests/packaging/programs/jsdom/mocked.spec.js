// A program's test in which the library is mocked as a whole.
import { Peer } from "peerjs";

vi.mock("peerjs");

test("a mocked Peer does nothing", () => {
  const peer = new Peer("me");
  expect(vi.isMockFunction(peer.on)).toBe(true);
  expect(vi.isMockFunction(peer.connect)).toBe(true);
  expect(peer.connect("you")).toBe(undefined);
  expect(peer.connect).toHaveBeenCalledWith("you");
});
