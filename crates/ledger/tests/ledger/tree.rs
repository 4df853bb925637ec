//! Whatever a user asks, edits, regenerates and selects: one path is shown, and no message is lost.

use brasskey_ledger::{Ledger, MessageId, Question};
use proptest::prelude::*;

use crate::kit::{Place, again, dollars, done, turn, with_conversation};

/// What a user does. The number picks among what there is to pick from.
#[derive(Debug, Clone)]
enum Act {
    Ask,
    Edit(usize),
    Regenerate(usize),
    Select(usize),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Ask),
        2 => any::<usize>().prop_map(Act::Edit),
        2 => any::<usize>().prop_map(Act::Regenerate),
        2 => any::<usize>().prop_map(Act::Select),
    ]
}

/// The same tree, kept as plainly as possible.
#[derive(Debug, Default)]
struct Model {
    messages: Vec<Node>,
    leaf: Option<usize>,
}

#[derive(Debug)]
struct Node {
    id: MessageId,
    parent: Option<usize>,
    text: String,
    is_question: bool,
}

impl Model {
    fn path(&self) -> Vec<usize> {
        let mut path: Vec<usize> =
            std::iter::successors(self.leaf, |&at| self.messages[at].parent).collect();
        path.reverse();
        path
    }

    fn newest_below(&self, message: usize) -> usize {
        let below = |&at: &usize| {
            std::iter::successors(Some(at), |&at| self.messages[at].parent).any(|at| at == message)
        };
        (0..self.messages.len()).filter(below).max().unwrap()
    }

    fn versions(&self, message: usize) -> Vec<usize> {
        let parent = self.messages[message].parent;
        (0..self.messages.len())
            .filter(|&at| self.messages[at].parent == parent)
            .collect()
    }

    fn pick(&self, number: usize, is_question: bool) -> Option<usize> {
        let choices: Vec<usize> = (0..self.messages.len())
            .filter(|&at| self.messages[at].is_question == is_question)
            .collect();
        (!choices.is_empty()).then(|| choices[number % choices.len()])
    }

    fn question(&mut self, name: &str, parent: Option<usize>) {
        let (id, text) = (
            MessageId::new(format!("q-{name}")),
            format!("Question {name}"),
        );
        self.messages.push(Node {
            id,
            parent,
            text,
            is_question: true,
        });
        self.answer(name, self.messages.len() - 1);
    }

    fn answer(&mut self, name: &str, question: usize) {
        let (id, text) = (
            MessageId::new(format!("a-{name}")),
            format!("Answer {name}"),
        );
        self.messages.push(Node {
            id,
            parent: Some(question),
            text,
            is_question: false,
        });
        self.leaf = Some(self.messages.len() - 1);
    }
}

async fn perform(ledger: &Ledger, model: &mut Model, act: &Act, name: &str) {
    let conversation = brasskey_ledger::ConversationId::new("c");
    let opened = match act {
        Act::Ask => {
            let parent = model.leaf;
            model.question(name, parent);
            turn(&conversation, name, parent.map(|at| &model.messages[at].id))
        }
        Act::Edit(number) => {
            let Some(edited) = model.pick(*number, true) else {
                return;
            };
            let parent = model.messages[edited].parent;
            model.question(name, parent);
            turn(&conversation, name, parent.map(|at| &model.messages[at].id))
        }
        Act::Regenerate(number) => {
            let Some(regenerated) = model.pick(*number, false) else {
                return;
            };
            let question = model.messages[regenerated].parent.unwrap();
            model.answer(name, question);
            let opened = again(&conversation, name, &model.messages[question].id);
            assert!(matches!(opened.question, Question::Stored(_)));
            opened
        }
        Act::Select(number) => {
            if model.messages.is_empty() {
                return;
            }
            let selected = number % model.messages.len();
            let leaf = model.newest_below(selected);
            model.leaf = Some(leaf);
            let id = &model.messages[selected].id;
            let shown = ledger
                .conversations()
                .set_active_leaf(&conversation, id)
                .await
                .unwrap();
            assert_eq!(shown, model.messages[leaf].id);
            return;
        }
    };
    ledger.turns().open(&opened).await.unwrap();
    ledger
        .turns()
        .close(&done(name, dollars("0.01")))
        .await
        .unwrap();
}

async fn compare(ledger: &Ledger, model: &Model) {
    let conversation = brasskey_ledger::ConversationId::new("c");
    let shown = ledger.messages().active_path(&conversation).await.unwrap();
    let expected = model.path();
    assert_eq!(shown.len(), expected.len());
    for (message, &at) in shown.iter().zip(&expected) {
        let node = &model.messages[at];
        assert_eq!((&message.id, &message.text), (&node.id, &node.text));
        assert_eq!(
            message.parent_id.as_ref(),
            node.parent.map(|parent| &model.messages[parent].id)
        );
        let versions = model.versions(at);
        let place = versions.iter().position(|&version| version == at).unwrap() + 1;
        assert_eq!(
            (message.version as usize, message.versions as usize),
            (place, versions.len())
        );
    }
    assert_eq!(
        ledger
            .conversations()
            .get(&conversation)
            .await
            .unwrap()
            .active_leaf,
        model.leaf.map(|at| model.messages[at].id.clone())
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn one_path_is_shown_and_no_message_is_lost(acts in proptest::collection::vec(act(), 1..16)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let place = Place::new();
            let ledger = place.open().await;
            with_conversation(&ledger, "c").await;
            let mut model = Model::default();
            for (index, act) in acts.iter().enumerate() {
                perform(&ledger, &mut model, act, &index.to_string()).await;
                compare(&ledger, &model).await;
            }
            for (at, node) in model.messages.iter().enumerate() {
                assert_eq!(ledger.messages().get(&node.id).await.unwrap().text, node.text);
                let versions = ledger.messages().versions(&node.id).await.unwrap();
                let expected: Vec<_> = model.versions(at).into_iter().map(|at| &model.messages[at].id).collect();
                assert_eq!(versions.iter().map(|message| &message.id).collect::<Vec<_>>(), expected);
            }
        });
    }
}
