use brasskey_ledger::{
    Closing, ConversationId, DraftKey, LedgerError, MessageId, OpenTurn, Outcome, Payer, Question,
    Role, State,
};
use brasskey_metering::{Cost, Tokens, UnknownCost, UsageStatus};

use crate::kit::{
    Place, again, answer, call, conversation, dollars, done, turn, with_conversation,
};

#[tokio::test]
async fn a_turn_is_opened_streamed_and_closed() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
    ledger
        .turns()
        .append(&answer("1"), "Ans", "I th")
        .await
        .unwrap();
    ledger
        .turns()
        .append(&answer("1"), "wer", "ink")
        .await
        .unwrap();

    let streaming = ledger.messages().active_path(&id).await.unwrap();
    assert_eq!(streaming.len(), 2);
    assert_eq!(
        (streaming[0].role, streaming[0].text.as_str()),
        (Role::User, "Question 1")
    );
    assert_eq!(
        (streaming[1].text.as_str(), streaming[1].thinking.as_str()),
        ("Answer", "I think")
    );
    assert_eq!(
        (streaming[1].state, streaming[1].closed_at),
        (State::Open, None)
    );
    assert_eq!(
        ledger.receipts().by_message(&answer("1")).await.unwrap(),
        None
    );

    let closing = Closing {
        thinking: "I think".to_owned(),
        ..done("1", dollars("0.0053552"))
    };
    let receipt = ledger.turns().close(&closing).await.unwrap().unwrap();
    assert_eq!(receipt.settlement, closing.settlement.unwrap());
    assert_eq!((receipt.at, receipt.outcome), (10, Outcome::Done));
    assert_eq!(receipt.conversation_id, Some(id.clone()));

    let closed = ledger.messages().get(&answer("1")).await.unwrap();
    assert_eq!(
        (closed.text.as_str(), closed.thinking.as_str()),
        ("Answer 1", "I think")
    );
    assert_eq!((closed.state, closed.closed_at), (State::Done, Some(20)));
    assert_eq!(closed.model.as_deref(), Some("gpt-6.1-sol"));
    assert_eq!(
        ledger.receipts().by_message(&answer("1")).await.unwrap(),
        Some(receipt)
    );
}

#[tokio::test]
async fn a_failed_answer_keeps_what_arrived_and_its_cause() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
    let unknown = Cost::Unknown {
        reason: UnknownCost::PartialUsage,
        at_least: Some("0.000001".parse().unwrap()),
    };
    let closing = Closing {
        outcome: Outcome::Failed,
        text: "Half an".to_owned(),
        failure_json: Some(r#"{"cause":"overloaded"}"#.to_owned()),
        ending: None,
        ..done("1", unknown.clone())
    };
    let receipt = ledger.turns().close(&closing).await.unwrap().unwrap();
    assert_eq!(receipt.settlement.cost, unknown);
    let message = ledger.messages().get(&answer("1")).await.unwrap();
    assert_eq!(
        (message.state, message.text.as_str()),
        (State::Failed, "Half an")
    );
    assert_eq!(message.failure_json, closing.failure_json);
}

#[tokio::test]
async fn a_closed_answer_is_not_closed_again_and_is_counted_once() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
    ledger
        .turns()
        .close(&done("1", dollars("1")))
        .await
        .unwrap();
    let second = Closing {
        text: "Another".to_owned(),
        ..done("1", dollars("2"))
    };
    assert_eq!(
        ledger.turns().close(&second).await,
        Err(LedgerError::AlreadyClosed)
    );
    assert_eq!(
        ledger.messages().get(&answer("1")).await.unwrap().text,
        "Answer 1"
    );
    let total = ledger.receipts().conversation_total(&id).await.unwrap();
    assert_eq!((total.calls, total.known.to_string()), (1, "1".to_owned()));
}

#[tokio::test]
async fn closing_an_unknown_answer_says_so() {
    let place = Place::new();
    let ledger = place.open().await;
    with_conversation(&ledger, "c").await;
    let error = ledger
        .turns()
        .close(&done("nowhere", dollars("1")))
        .await
        .unwrap_err();
    assert!(matches!(error, LedgerError::NotFound { .. }));
}

#[tokio::test]
async fn nothing_is_appended_to_a_closed_answer() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
    ledger
        .turns()
        .close(&done("1", dollars("1")))
        .await
        .unwrap();
    let late = ledger.turns().append(&answer("1"), "late", "").await;
    assert!(matches!(late, Err(LedgerError::NotFound { .. })));
    assert_eq!(
        ledger.messages().get(&answer("1")).await.unwrap().text,
        "Answer 1"
    );
}

#[tokio::test]
async fn a_turn_without_a_request_has_no_receipt() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
    let closing = Closing {
        outcome: Outcome::Failed,
        settlement: None,
        ..done("1", Cost::Free)
    };
    assert_eq!(ledger.turns().close(&closing).await.unwrap(), None);
    assert_eq!(ledger.turns().interrupt_open(30).await.unwrap(), 0);
    assert_eq!(ledger.receipts().total(0..100).await.unwrap().calls, 0);
}

#[tokio::test]
async fn the_first_turn_makes_its_conversation_and_takes_its_draft() {
    let place = Place::new();
    let ledger = place.open().await;
    ledger
        .drafts()
        .set(&DraftKey::New, "Question 1", 5)
        .await
        .unwrap();
    let id = ConversationId::new("c");
    let first = OpenTurn {
        new_conversation: Some(conversation("c")),
        draft: Some(DraftKey::New),
        ..turn(&id, "1", None)
    };
    ledger.turns().open(&first).await.unwrap();
    assert_eq!(ledger.messages().active_path(&id).await.unwrap().len(), 2);
    assert_eq!(ledger.drafts().get(&DraftKey::New).await.unwrap(), "");
}

#[tokio::test]
async fn a_turn_that_cannot_be_opened_leaves_no_trace_and_keeps_the_draft() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
    ledger
        .turns()
        .close(&done("1", dollars("1")))
        .await
        .unwrap();
    let key = DraftKey::Conversation(id.clone());
    ledger.drafts().set(&key, "Next", 5).await.unwrap();

    let used_receipt = OpenTurn {
        call: call("1"),
        draft: Some(key.clone()),
        ..turn(&id, "2", Some(&answer("1")))
    };
    assert_eq!(
        ledger.turns().open(&used_receipt).await,
        Err(LedgerError::Conflict)
    );
    let path = ledger.messages().active_path(&id).await.unwrap();
    assert_eq!(path.len(), 2);
    assert_eq!(ledger.drafts().get(&key).await.unwrap(), "Next");
    assert!(ledger.messages().get(&MessageId::new("q-2")).await.is_err());
}

#[tokio::test]
async fn a_question_follows_an_answer_of_its_own_conversation_only() {
    let place = Place::new();
    let ledger = place.open().await;
    let one = with_conversation(&ledger, "one").await;
    let two = with_conversation(&ledger, "two").await;
    ledger.turns().open(&turn(&one, "1", None)).await.unwrap();
    let wrong = [
        turn(&two, "2", Some(&answer("1"))),
        turn(&one, "2", Some(&MessageId::new("q-1"))),
        turn(&one, "2", Some(&MessageId::new("nowhere"))),
        again(&two, "2", &MessageId::new("q-1")),
        again(&one, "2", &answer("1")),
        turn(&ConversationId::new("nowhere"), "2", None),
    ];
    for turn in wrong {
        assert!(
            matches!(
                ledger.turns().open(&turn).await,
                Err(LedgerError::NotFound { .. })
            ),
            "{turn:?}"
        );
    }
    assert_eq!(ledger.messages().active_path(&two).await.unwrap(), []);
}

#[tokio::test]
async fn answers_left_open_are_interrupted_with_what_had_arrived() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    ledger.turns().open(&turn(&id, "done", None)).await.unwrap();
    ledger
        .turns()
        .close(&done("done", dollars("1")))
        .await
        .unwrap();
    let mut free = turn(&id, "free", Some(&answer("done")));
    free.call.payer = Payer::Nobody;
    ledger.turns().open(&free).await.unwrap();
    ledger
        .turns()
        .open(&turn(&id, "paid", Some(&answer("done"))))
        .await
        .unwrap();
    for piece in ["What ", "had ", "arrived"] {
        ledger
            .turns()
            .append(&answer("paid"), piece, "t")
            .await
            .unwrap();
    }
    ledger.close().await;
    drop(ledger);

    let ledger = place.open().await;
    assert_eq!(ledger.turns().interrupt_open(99).await.unwrap(), 2);
    assert_eq!(ledger.turns().interrupt_open(99).await.unwrap(), 0);
    let paid = ledger.messages().get(&answer("paid")).await.unwrap();
    assert_eq!(
        (paid.text.as_str(), paid.thinking.as_str()),
        ("What had arrived", "ttt")
    );
    assert_eq!((paid.state, paid.closed_at), (State::Interrupted, Some(99)));
    assert_eq!(
        ledger.messages().get(&answer("done")).await.unwrap().state,
        State::Done
    );

    let receipt = ledger
        .receipts()
        .by_message(&answer("paid"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((receipt.outcome, receipt.at), (Outcome::Interrupted, 10));
    assert_eq!(
        receipt.settlement.cost,
        Cost::Unknown {
            reason: UnknownCost::NoUsage,
            at_least: None
        }
    );
    assert_eq!(receipt.settlement.usage.status, UsageStatus::Missing);
    assert_eq!(receipt.settlement.usage.tokens, Tokens::default());
    let receipt = ledger
        .receipts()
        .by_message(&answer("free"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (receipt.payer, receipt.settlement.cost),
        (Payer::Nobody, Cost::Free)
    );
    let total = ledger.receipts().conversation_total(&id).await.unwrap();
    assert_eq!(
        (total.calls, total.known.to_string().as_str(), total.unknown),
        (3, "1", 1)
    );
}

#[tokio::test]
async fn a_conversation_deleted_while_it_streams_still_gets_its_receipt() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
    ledger.conversations().delete(&id, 15).await.unwrap();
    assert_eq!(ledger.conversations().purge(1_000).await.unwrap(), 0);
    ledger
        .turns()
        .close(&done("1", dollars("1")))
        .await
        .unwrap();
    assert_eq!(ledger.conversations().purge(1_000).await.unwrap(), 1);
    let receipt = ledger.receipts().by_message(&answer("1")).await.unwrap();
    assert_eq!(receipt.unwrap().conversation_id, Some(id));
    assert!(matches!(
        ledger
            .turns()
            .open(&OpenTurn {
                question: Question::Stored(MessageId::new("q-1")),
                ..turn(&ConversationId::new("c"), "2", None)
            })
            .await,
        Err(LedgerError::NotFound { .. })
    ));
}
