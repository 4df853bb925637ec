import { act, renderHook } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { MessageView, TurnEvent, TurnView } from "../../bridge";
import { scenarios } from "../../bridge/fake/scenarios";
import { TurnListener } from "./TurnListener";
import { useLiveTurn, whenEnded } from "./turns";

const [question, answer] = (scenarios.answers().conversations[0]?.messages ?? []) as [MessageView, MessageView];
const open: MessageView = { ...answer, text: "", state: "open", receipt: null };
const turn: TurnView = { id: "t1", conversationId: "c1", question, answer: open };
const delta = (text: string): TurnEvent => ({
  kind: "delta",
  text,
  thinking: "",
  tokens: null,
  costSoFar: "0.01",
  costIsEstimate: false,
});

let frames: FrameRequestCallback[] = [];
const drawFrame = () => act(() => frames.splice(0).forEach((frame) => void frame(0)));

beforeEach(() => {
  frames = [];
  vi.stubGlobal("requestAnimationFrame", (frame: FrameRequestCallback) => frames.push(frame));
  vi.stubGlobal("cancelAnimationFrame", () => undefined);
});

describe("a running answer", () => {
  it("is drawn once a frame, however many pieces arrive", () => {
    let renders = 0;
    const { result } = renderHook(() => {
      renders += 1;
      return useLiveTurn("c1");
    });
    const listener = new TurnListener(() => undefined);
    act(() => listener.begin(turn));
    renders = 0;
    for (let piece = 0; piece < 500; piece += 1) listener.hear(delta("x "));
    expect(frames).toHaveLength(1);
    expect(renders).toBe(0);
    drawFrame();
    expect(renders).toBe(1);
    expect(result.current?.document.text).toBe("x ".repeat(500));
    act(() => listener.hear({ kind: "ended", answer }));
    expect(result.current).toBeNull();
  });

  it("shows what arrived before its ids were known, and the end that came with it", async () => {
    const ended = vi.fn();
    const listener = new TurnListener(ended);
    listener.hear(delta("early "));
    listener.hear({ kind: "ended", answer });
    expect(ended).not.toHaveBeenCalled();
    const over = whenEnded("c1");
    act(() => listener.begin(turn));
    expect(ended).toHaveBeenCalledOnce();
    expect(ended.mock.calls[0]?.[2].text).toBe("early ");
    await over;
  });

  it("counts the wait for its first words from when it went out again", () => {
    const { result } = renderHook(() => useLiveTurn("c1"));
    const now = vi.spyOn(Date, "now").mockReturnValue(1000);
    const listener = new TurnListener(() => undefined);
    act(() => listener.begin(turn));
    expect(result.current?.startedAt).toBe(1000);
    now.mockReturnValue(61_000);
    listener.hear({ kind: "sending" });
    drawFrame();
    expect(result.current?.startedAt).toBe(61_000);
    now.mockRestore();
    act(() => listener.hear({ kind: "ended", answer }));
  });

  it("leaves its wait when text arrives", () => {
    const { result } = renderHook(() => useLiveTurn("c1"));
    const listener = new TurnListener(() => undefined);
    act(() => listener.begin(turn));
    const failure = scenarios.failures().conversations[0]?.messages.at(-1)?.failure;
    if (!failure) throw new Error("the scenario has no failure");
    listener.hear({ kind: "waiting", failure, attempt: 2, attempts: 3, retryAt: 1 });
    drawFrame();
    expect(result.current?.hold).toMatchObject({ kind: "wait", attempt: 2 });
    listener.hear(delta("text"));
    drawFrame();
    expect(result.current?.hold).toBeNull();
    act(() => listener.hear({ kind: "ended", answer }));
  });
});
