//! Whatever happens to the bytes: a typed answer, no panic, and a file that is refused stays as it was.

use std::fs;

use brasskey_ledger::{ConversationId, Ledger, LedgerError};
use proptest::prelude::*;

use crate::kit::{Place, answer, dollars, done, put, turn, with_conversation};

#[derive(Debug, Clone)]
enum Damage {
    Flip { at: usize, bits: u8 },
    Zero { at: usize, length: usize },
    Cut { at: usize },
}

fn damage() -> impl Strategy<Value = Damage> {
    // Half of it in the header and the schema, where it does most.
    let at = || prop_oneof![0_usize..4096, any::<usize>()];
    prop_oneof![
        (at(), 1_u8..).prop_map(|(at, bits)| Damage::Flip { at, bits }),
        (at(), 1_usize..8192).prop_map(|(at, length)| Damage::Zero { at, length }),
        at().prop_map(|at| Damage::Cut { at }),
    ]
}

fn apply(damage: &Damage, bytes: &mut Vec<u8>) {
    let size = bytes.len();
    match *damage {
        Damage::Flip { at, bits } => bytes[at % size] ^= bits,
        Damage::Zero { at, length } => {
            let from = at % size;
            bytes[from..size.min(from + length)].fill(0);
        }
        Damage::Cut { at } => bytes.truncate(at % size),
    }
}

/// Reads everything that the first screen would.
async fn read(ledger: &Ledger) -> Result<(), LedgerError> {
    let id = ConversationId::new("c");
    ledger.conversations().list().await?;
    ledger.messages().active_path(&id).await?;
    ledger.receipts().by_conversation(&id).await?;
    ledger.projects().list(0..100).await?;
    ledger.keys().all().await?;
    ledger.turns().interrupt_open(50).await?;
    ledger.verify().await
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_gets_a_typed_answer(damages in proptest::collection::vec(damage(), 1..3)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let place = Place::new();
            let mut bytes = whole();
            for damage in &damages {
                if !bytes.is_empty() {
                    apply(damage, &mut bytes);
                }
            }
            put(&place.path(), &bytes);
            match Ledger::open(&place.path()).await {
                Ok(ledger) => drop(read(&ledger).await),
                Err(error) => {
                    assert!(
                        matches!(error, LedgerError::Corrupt | LedgerError::TooNew { .. } | LedgerError::Unreadable { .. } | LedgerError::Io { .. }),
                        "{error:?}"
                    );
                    assert_eq!(fs::read(place.path()).unwrap(), bytes, "{error:?}");
                }
            }
        });
    }
}

/// The bytes of a closed database with a turn in it, made once.
fn whole() -> Vec<u8> {
    static WHOLE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    let make = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let place = Place::new();
            let ledger = place.open().await;
            let id = with_conversation(&ledger, "c").await;
            ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
            ledger
                .turns()
                .append(&answer("1"), "Answer", "")
                .await
                .unwrap();
            ledger
                .turns()
                .close(&done("1", dollars("1")))
                .await
                .unwrap();
            ledger.close().await;
            fs::read(place.path()).unwrap()
        })
    };
    WHOLE
        .get_or_init(|| std::thread::spawn(make).join().unwrap())
        .clone()
}
