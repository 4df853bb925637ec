/** When a provider may be asked again, where it said so and that is still to come. */
import { format, rich, t } from "../../text";
import { useSecondsLeft } from "../../useSecondsLeft";

const HOUR_MS = 3_600_000;

export function AskAgain({ at }: { at: number }) {
  const left = useSecondsLeft(at) * 1000;
  if (left === 0) return null;
  return <p className="num">{left < HOUR_MS ? <In left={left} /> : moment(at)}</p>;
}

function In({ left }: { left: number }) {
  return rich("chat.askAgainIn", {
    left: format.countdown(left),
    b: (chunks) => <strong key="left">{chunks}</strong>,
  });
}

function moment(at: number): string {
  const time = format.clockTime(at);
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return isToday ? t("chat.askAgainAt", { time }) : t("chat.askAgainOn", { day: format.shortDay(at), time });
}
