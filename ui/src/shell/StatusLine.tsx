/** The status line: who pays, who bills, what was spent, and whether the network is there. In every window, under every layer. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { queries, type TotalView } from "../bridge";
import { openModelPicker, useChosenModel } from "../features/chat";
import { Icon } from "../kit";
import { navigate, useRoute } from "../route";
import { format, rich, t } from "../text";
import { useOnline } from "./online";
import { PayerPlate } from "./PayerPlate";
import { payerOf } from "./payer";

const bold = (chunks: ReactNode[]) => <b key="b">{chunks}</b>;

function conversationTotal({ amount, unknown }: TotalView): ReactNode {
  const cost = format.answerCost(amount);
  return unknown === 0
    ? rich("status.thisConversation", { cost, b: bold })
    : rich("status.thisConversationUnknown", { cost, count: unknown, b: bold });
}

function monthTotal(monthOf: string, { amount, unknown }: TotalView): ReactNode {
  const named = { month: format.month(monthOf), cost: format.total(amount), b: bold };
  return unknown === 0 ? rich("status.month", named) : rich("status.monthUnknown", { ...named, count: unknown });
}

export function StatusLine() {
  const route = useRoute();
  const { data: billing } = useQuery(queries.billing);
  const { data: keys } = useQuery(queries.keys);
  const { data: account } = useQuery(queries.account);
  const { data: totals } = useQuery(queries.totals(route.screen === "conversation" ? route.id : null));
  const chosen = useChosenModel(route);
  const model = route.screen === "settings" ? null : chosen;
  const isOnline = useOnline();
  const payer = billing && keys && account ? payerOf({ billing, account, keys }, model) : null;
  const onPress = () => {
    if (payer?.kind === "licence" || (payer?.kind === "plan" && route.screen === "settings")) {
      navigate({ screen: "settings", section: "billing" });
    } else if (route.screen === "settings" || payer?.kind === "none") {
      navigate({ screen: "settings", section: "keys" });
    } else openModelPicker();
  };
  return (
    <section className="status" data-region aria-label={t("status.label")}>
      {payer ? <PayerPlate payer={payer} onPress={onPress} /> : null}
      <span className="status__spacer" />
      {totals?.conversation ? <span className="num is-wide">{conversationTotal(totals.conversation)}</span> : null}
      {totals ? <span className="num">{monthTotal(totals.monthOf, totals.month)}</span> : null}
      <span className="status__item" role="status">
        <Icon name={isOnline ? "check" : "offline"} size="s" />
        {isOnline ? t("status.online") : t("status.offline")}
      </span>
    </section>
  );
}
