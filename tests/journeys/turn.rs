//! A running answer as the window sees it.

use std::time::Duration;

use brasskey_app::chat::Sink;
use brasskey_app::chat::view::{MessageView, TurnEvent, TurnView};
use brasskey_app::error::FailureView;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How long an event may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A channel for a turn's events, as the window gives one.
pub(crate) fn listen() -> (Sink, UnboundedReceiver<TurnEvent>) {
    let (sender, events) = unbounded_channel();
    // A test that is done with a turn no longer listens.
    (Box::new(move |event| drop(sender.send(event))), events)
}

/// An announced wait.
#[derive(Debug)]
pub(crate) struct Wait {
    pub(crate) failure: FailureView,
    pub(crate) attempt: u32,
    pub(crate) attempts: u32,
    pub(crate) retry_at: i64,
}

/// A running answer as the window sees it.
pub(crate) struct Turn {
    pub(crate) view: TurnView,
    pub(crate) events: UnboundedReceiver<TurnEvent>,
    /// What was on screen so far.
    pub(crate) text: String,
    pub(crate) thinking: String,
}

impl Turn {
    /// The next event; what a delta holds is on screen then.
    pub(crate) async fn next(&mut self) -> TurnEvent {
        let event = tokio::time::timeout(PATIENCE, self.events.recv())
            .await
            .expect("an event")
            .expect("a turn ends with an event");
        if let TurnEvent::Delta { text, thinking, .. } = &event {
            self.text.push_str(text);
            self.thinking.push_str(thinking);
        }
        event
    }

    /// Waits until something of the answer is on screen.
    pub(crate) async fn visible(&mut self) {
        match self.next().await {
            TurnEvent::Delta { .. } => {}
            other => panic!("an answer was expected, not {other:?}"),
        }
    }

    /// Waits until the turn waits for its next try.
    pub(crate) async fn waiting(&mut self) -> Wait {
        loop {
            match self.next().await {
                TurnEvent::Sending => {}
                TurnEvent::Waiting {
                    failure,
                    attempt,
                    attempts,
                    retry_at,
                } => {
                    return Wait {
                        failure,
                        attempt,
                        attempts,
                        retry_at,
                    };
                }
                other => panic!("a wait was expected, not {other:?}"),
            }
        }
    }

    /// Waits until the turn waits for a connection.
    pub(crate) async fn offline(&mut self) -> FailureView {
        match self.next().await {
            TurnEvent::Offline { failure } => failure,
            other => panic!("a wait for a connection was expected, not {other:?}"),
        }
    }

    /// Waits until it is told that the answer cannot be stored.
    pub(crate) async fn unsaved(&mut self) {
        loop {
            match self.next().await {
                TurnEvent::Delta { .. } => {}
                TurnEvent::Unsaved => return,
                other => panic!("an unsaved answer was expected, not {other:?}"),
            }
        }
    }

    /// Waits for the end. What was on screen is what is kept.
    pub(crate) async fn ended(&mut self) -> MessageView {
        loop {
            match self.next().await {
                TurnEvent::Delta { .. } | TurnEvent::Sending => {}
                TurnEvent::Ended { answer } => {
                    assert_eq!(answer.text, self.text);
                    assert_eq!(answer.thinking, self.thinking);
                    return *answer;
                }
                other => panic!("nobody expected {other:?}"),
            }
        }
    }

    pub(crate) fn conversation(&self) -> &str {
        &self.view.conversation_id
    }
}
