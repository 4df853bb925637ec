//! The data folder lets nothing be written: that is said, nothing is written elsewhere, and with the permission back everything
//! that was there is there.

use std::path::PathBuf;
use std::process::Command;

use brasskey_app::App;
use brasskey_app::error::ErrorCode;

use crate::account::OPENAI;
use crate::again;
use crate::world::{World, no_platform, session_vault};

const FOLDER: &str = "BRASSKEY_JOURNEY_FOLDER";
const TEST: &str = "read_only::a_folder_that_lets_nothing_be_written_is_said_and_costs_nothing";

/// Runs a program that sees the folder read-only; the mount goes with the process.
const READ_ONLY: [&str; 6] = [
    "unshare",
    "--mount",
    "sh",
    "-c",
    r#"mount --bind "$BRASSKEY_JOURNEY_FOLDER" "$BRASSKEY_JOURNEY_FOLDER" && mount -o remount,bind,ro "$BRASSKEY_JOURNEY_FOLDER" && exec "$@""#,
    "sh",
];

#[test]
fn a_folder_that_lets_nothing_be_written_is_said_and_costs_nothing() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    if again::is_second() {
        let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
        return runtime.block_on(async {
            for database in ["brasskey.db", "of-a-first-start.db"] {
                let opened =
                    App::open(&folder.join(database), session_vault(), no_platform()).await;
                let refusal = opened.err().expect("it cannot be written");
                assert_eq!(refusal.code(), ErrorCode::Storage, "{refusal:?}");
            }
        });
    }
    runtime.block_on(async {
        let world = World::with_own_keys().await;
        let key = world.add_key(OPENAI).await;
        let mut turn = world.ask(&key, OPENAI, "Hello").await;
        let answer = turn.ended().await;
        let conversation = turn.conversation().to_owned();
        let world = world
            .restarted_after(|database| async move {
                let folder = database.parent().unwrap();
                let names = || {
                    let mut names: Vec<_> = std::fs::read_dir(folder)
                        .unwrap()
                        .map(|entry| entry.unwrap().file_name())
                        .collect();
                    names.sort();
                    names
                };
                let before = (names(), std::fs::read(&database).unwrap());
                let mut command: Command = again::command(&READ_ONLY, TEST);
                let output = command.env(FOLDER, folder).output().unwrap();
                let said = [&output.stdout[..], &output.stderr].concat();
                assert!(
                    output.status.success(),
                    "{}",
                    String::from_utf8_lossy(&said)
                );
                assert!(before == (names(), std::fs::read(&database).unwrap()));
            })
            .await;
        assert_eq!(world.messages(&conversation).await[1], answer);
    });
}
