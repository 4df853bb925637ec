//! Asking: a question goes out, an answer streams in, and both are kept with what it cost and who paid.
//!
//! Nothing here decides who pays (see `billing::route`) or talks to a provider other than through `providers::send`.

mod ask;
mod drive;
mod estimate;
mod receipt;
mod relay;
mod retry;
mod show;
mod so_far;
mod turns;
pub mod view;

use brasskey_ledger::{
    self as ledger, Call, ConversationId, MessageId, ModelChoice, NewAnswer, OpenTurn, PayingKey,
    ReceiptId,
};
use brasskey_providers::{Payer, Protocol};

use crate::App;
use crate::ask::Extras;
use crate::billing::route::{Route, Source};
use crate::changed::Changed;
use crate::clock::new_id;
use crate::error::{Error, ErrorCode};
use crate::prices::Books;
use ask::{request, title_of};
use drive::Job;
pub(crate) use retry::{Next, next};
pub(crate) use turns::Turns;
use view::{NewTurn, TurnEvent, TurnView};

/// Where a turn's events go: the window's channel, or a test.
pub type Sink = Box<dyn Fn(TurnEvent) + Send + Sync>;

impl App {
    /// Asks. The question and an open answer are on disk when this returns; events follow until `Ended`.
    ///
    /// # Errors
    /// `busy`, `invalid_input`, `not_found`, those of the route (`other_mode`, `terms_due`, the licence's), the credential store's
    /// states, `storage`: in all of them nothing was sent and nothing was written.
    pub async fn send(&self, turn: NewTurn, sink: Sink) -> Result<TurnView, Error> {
        self.send_with(turn, Extras::default(), sink).await
    }

    /// As [`App::send`], with what goes with this one question.
    pub(crate) async fn send_with(
        &self,
        turn: NewTurn,
        extras: Extras,
        sink: Sink,
    ) -> Result<TurnView, Error> {
        let route = self.route(&turn.model).await.inspect_err(|refusal| {
            // It ran out since the window last looked, which has to hear of it; perhaps the platform has a newer one.
            if let ErrorCode::LicenceLapsed | ErrorCode::EntitlementReached = refusal.code() {
                self.renew_soon();
            }
        })?;
        // The conversation is taken before its messages are read: no other turn can add to them in between.
        let conversation = self.asked_in(&turn.ask).await?;
        let slot = self.turns.begin(&conversation)?;
        let resolved = self.resolve(turn.ask, conversation).await?;

        let (answer_id, at) = (MessageId::new(new_id()), self.clock.now_ms());
        let call = call(&route, &turn.model.model);
        let open = OpenTurn {
            conversation_id: resolved.conversation.clone(),
            new_conversation: resolved.new_conversation,
            question: resolved.question,
            answer: NewAnswer {
                id: answer_id.clone(),
                endpoint_id: turn.model.key_id.clone(),
            },
            draft: resolved.draft,
            call,
            at,
        };
        self.ledger.turns().open(&open).await?;
        self.after_opening(&resolved.conversation, &resolved.text, &turn.model)
            .await;

        let mut request = request(&turn.model.model, resolved.before, resolved.text);
        request.max_output = extras
            .max_output
            .or_else(|| longest_answer(&route, &turn.model.model, at));
        request.system = extras.system.or(request.system);
        if let Some(asked) = request.messages.last_mut() {
            asked.attachments = extras.attachments;
        }
        let shown = async {
            let question = self.message_view(&resolved.question_id).await?;
            Ok::<_, Error>((question, self.message_view(&answer_id).await?))
        };
        let (question, answer) = match shown.await {
            Ok(shown) => shown,
            Err(error) => {
                // Nothing was sent and nobody would ever close it.
                self.give_up(answer_id).await;
                return Err(error);
            }
        };
        let view = TurnView {
            id: slot.id().to_owned(),
            conversation_id: resolved.conversation.as_str().to_owned(),
            question,
            answer,
        };
        let job = Job {
            app: self.clone(),
            slot,
            route,
            request,
            conversation: resolved.conversation,
            answer: answer_id,
            sink,
        };
        self.jobs.spawn(job.run());
        self.announce(Changed::Workspace);
        Ok(view)
    }

    /// Closes an answer that was opened and for which nothing was sent.
    async fn give_up(&self, answer_id: MessageId) {
        let closing = ledger::Closing {
            answer_id,
            outcome: ledger::Outcome::Stopped,
            text: String::new(),
            thinking: String::new(),
            failure_json: None,
            ending: None,
            settlement: None,
            at: self.clock.now_ms(),
        };
        if let Err(error) = self.ledger.turns().close(&closing).await {
            // The next start closes it.
            tracing::warn!(%error, "an answer that was not asked for stays open");
        }
    }

    /// Stops a running answer or a wait. What arrived is kept. Stopping one that has ended is no error.
    pub fn stop_turn(&self, turn: &str) {
        self.turns.stop(turn);
    }

    /// Ends a wait and sends at once.
    pub fn try_now(&self, turn: &str) {
        self.turns.try_now(turn);
    }

    /// What follows from a question and is not worth failing it for: the title and the model of the conversation.
    async fn after_opening(
        &self,
        conversation: &ConversationId,
        text: &str,
        model: &crate::models::view::ModelRef,
    ) {
        let choice = ModelChoice {
            endpoint_id: model.key_id.clone(),
            model: model.model.clone(),
        };
        let conversations = self.ledger.conversations();
        let kept = async {
            conversations.set_model(conversation, Some(&choice)).await?;
            if conversations.get(conversation).await?.title.is_empty() {
                conversations
                    .rename(conversation, &title_of(text), false)
                    .await?;
            }
            Ok::<_, ledger::LedgerError>(())
        };
        if let Err(error) = kept.await {
            tracing::warn!(%error, "title and model of a conversation were not kept");
        }
    }
}

fn call(route: &Route, model: &str) -> Call {
    let payer = match (&route.payer, &route.source) {
        (Payer::UserKey { .. }, Source::Key(key)) => ledger::Payer::UserKey(PayingKey {
            id: key.id.clone(),
            label: key.label.clone(),
            last4: key.secret.as_ref().map(|secret| secret.last4.clone()),
        }),
        (Payer::Plan { .. }, _) => ledger::Payer::Plan,
        _ => ledger::Payer::Nobody,
    };
    let endpoint = route.endpoint();
    Call {
        receipt_id: ReceiptId::new(new_id()),
        payer,
        provider: endpoint.provider.as_str().to_owned(),
        endpoint_origin: endpoint.base_url.origin().to_string(),
        model: model.to_owned(),
    }
}

/// The longest answer to ask for. Only Anthropic must be told one; what the model can write is then the only right figure.
fn longest_answer(route: &Route, model: &str, at: i64) -> Option<u32> {
    let endpoint = route.endpoint();
    if endpoint.protocol != Protocol::AnthropicMessages {
        return None;
    }
    let listed = route.models().iter().find(|listed| listed.id == model);
    listed
        .and_then(|listed| listed.max_output)
        .or_else(|| Books::LISTED.row(endpoint, model, at)?.max_output)
        .and_then(|tokens| u32::try_from(tokens).ok())
}
