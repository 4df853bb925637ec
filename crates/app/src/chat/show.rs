//! Conversations and messages as the window sees them.

use std::collections::HashMap;

use brasskey_ledger::{self as ledger, ConversationId, DraftKey, MessageId};
use brasskey_metering::{Cost, UsageStatus};

use super::receipt::receipt_view;
use super::view::{ConversationView, EndingView, MessageState, MessageView, RoleView};
use crate::App;
use crate::error::{Error, FailureView};
use crate::keys::record::Key;
use crate::models::model_name;
use crate::models::view::ModelRef;

impl App {
    /// Opens a conversation at its shown path.
    ///
    /// # Errors
    /// `not_found`, `storage`.
    pub async fn open_conversation(&self, id: &str) -> Result<ConversationView, Error> {
        let id = ConversationId::new(id);
        let conversation = self.ledger.conversations().get(&id).await?;
        let path = self.ledger.messages().active_path(&id).await?;
        let receipts = self.ledger.receipts().by_conversation(&id).await?;
        let receipts: HashMap<MessageId, ledger::Receipt> = receipts
            .into_iter()
            .filter_map(|receipt| Some((receipt.message_id.clone()?, receipt)))
            .collect();
        let keys = self.keys_in_use().await?;
        let mut messages = Vec::with_capacity(path.len());
        for message in path {
            let receipt = receipts.get(&message.id).cloned();
            messages.push(self.show(message, receipt, &keys).await?);
        }
        Ok(ConversationView {
            id: id.as_str().to_owned(),
            project_id: conversation
                .project_id
                .as_ref()
                .map(|project| project.as_str().to_owned()),
            title: conversation.title.clone(),
            messages,
            draft: self
                .ledger
                .drafts()
                .get(&DraftKey::Conversation(id.clone()))
                .await?,
            model: conversation.model().map(|choice| ModelRef {
                key_id: choice.endpoint_id,
                model: choice.model,
            }),
            turn_id: self.turns.of(&id),
        })
    }

    /// Shows another version of a message and what follows it.
    ///
    /// # Errors
    /// `not_found`, `busy` while an answer is running in the conversation.
    pub async fn show_version(&self, message: &str) -> Result<ConversationView, Error> {
        let id = MessageId::new(message);
        let conversation = self.ledger.messages().get(&id).await?.conversation_id;
        if self.turns.of(&conversation).is_some() {
            return Err(Error::Busy);
        }
        self.ledger
            .conversations()
            .set_active_leaf(&conversation, &id)
            .await?;
        self.open_conversation(conversation.as_str()).await
    }

    pub(crate) async fn message_view(&self, id: &MessageId) -> Result<MessageView, Error> {
        let message = self.ledger.messages().get(id).await?;
        let receipt = self.ledger.receipts().by_message(id).await?;
        let keys = self.keys_in_use().await?;
        self.show(message, receipt, &keys).await
    }

    async fn show(
        &self,
        message: ledger::Message,
        receipt: Option<ledger::Receipt>,
        keys: &[Key],
    ) -> Result<MessageView, Error> {
        let versions = match message.versions {
            0 | 1 => vec![message.id.as_str().to_owned()],
            _ => self
                .ledger
                .messages()
                .versions(&message.id)
                .await?
                .into_iter()
                .map(|version| version.id.as_str().to_owned())
                .collect(),
        };
        let endpoint = message.endpoint_id.unwrap_or_default();
        let key = keys.iter().find(|key| key.id.as_str() == endpoint);
        let plan = self.plan_endpoint(&endpoint)?;
        let listed = key
            .map(|key| &*key.models)
            .or(plan.as_ref().map(|plan| &*plan.models));
        let model_name = message
            .model
            .as_ref()
            .map(|model| model_name(listed.unwrap_or_default(), model));
        // A call that was turned away unbilled has nothing to show beside its failure.
        let receipt = receipt.filter(is_worth_showing).map(|receipt| {
            let name = model_name.clone().unwrap_or_else(|| receipt.model.clone());
            receipt_view(&receipt, name, &endpoint)
        });
        Ok(MessageView {
            id: message.id.as_str().to_owned(),
            role: match message.role {
                ledger::Role::User => RoleView::User,
                ledger::Role::Assistant => RoleView::Assistant,
            },
            text: message.text,
            thinking: message.thinking,
            state: match message.state {
                ledger::State::Open => MessageState::Open,
                ledger::State::Done => MessageState::Done,
                ledger::State::Stopped => MessageState::Stopped,
                ledger::State::Failed => MessageState::Failed,
                ledger::State::Interrupted => MessageState::Interrupted,
            },
            failure: message.failure_json.as_deref().and_then(read_failure),
            ending: message.ending.map(|ending| match ending {
                ledger::EarlyEnd::Length => EndingView::Length,
                ledger::EarlyEnd::Refused => EndingView::Refused,
                ledger::EarlyEnd::Other => EndingView::Other,
            }),
            payer: receipt
                .as_ref()
                .map(|receipt| receipt.payer.clone())
                .or_else(|| key.map(Key::payer_view))
                .or_else(|| plan.map(|plan| plan.payer_view())),
            receipt,
            model: message.model.map(|model| ModelRef {
                key_id: endpoint,
                model,
            }),
            model_name,
            created_at: message.created_at,
            version: message.version.saturating_sub(1),
            versions,
        })
    }
}

fn is_worth_showing(receipt: &ledger::Receipt) -> bool {
    // Where somebody pays, only a refusal is free: it stands also where the user stopped the wait after it.
    let is_paid = !matches!(receipt.payer, ledger::Payer::Nobody);
    let refused = (receipt.outcome == ledger::Outcome::Failed || is_paid)
        && receipt.settlement.usage.status == UsageStatus::Missing
        && receipt.settlement.cost == Cost::Free;
    !refused
}

fn read_failure(json: &str) -> Option<FailureView> {
    serde_json::from_str(json)
        .inspect_err(|_| tracing::warn!("a stored failure cannot be read"))
        .ok()
}
