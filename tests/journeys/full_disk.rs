//! The disk fills up while an answer is written: it is told, the answer stays, and it is kept as soon as there is room.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use brasskey_app::chat::view::MessageState;
use brasskey_tests::Script;

use crate::account::OPENAI;
use crate::again;
use crate::world::World;

/// Runs a program with a small disk of its own as its temporary folder; the disk goes with the process.
const SMALL_DISK: [&str; 6] = [
    "unshare",
    "--mount",
    "sh",
    "-c",
    r#"mount -t tmpfs -o size=8m tmpfs /mnt && TMPDIR=/mnt exec "$@""#,
    "sh",
];

#[test]
fn an_answer_that_the_disk_refuses_waits_for_room() {
    if !again::is_second() {
        let output = again::command(
            &SMALL_DISK,
            "full_disk::an_answer_that_the_disk_refuses_waits_for_room",
        )
        .output()
        .expect("util-linux has `unshare`");
        let said = [&output.stdout[..], &output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success(), "{said}");
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let world = World::with_own_keys().await;
        let key = world.add_key(OPENAI).await;
        let text = "word ".repeat(60_000);
        world.sandbox.script(Script {
            tokens_per_second: Some(40_000),
            ..Script::answer(&text)
        });
        let mut turn = world.ask(&key, OPENAI, "Go on.").await;
        turn.visible().await;
        let filler = world.folder().join("filler");
        fill(&filler);

        turn.unsaved().await;
        // Trying again without room changes nothing, and neither does stopping what has ended.
        world.app.try_now(&turn.view.id);
        world.app.stop_turn(&turn.view.id);
        fs::remove_file(&filler).unwrap();
        world.app.try_now(&turn.view.id);
        let answer = turn.ended().await;
        assert_eq!(answer.state, MessageState::Done);
        assert!(answer.text == text, "the answer is whole");

        let conversation = turn.conversation().to_owned();
        let world = world.restarted().await;
        assert_eq!(world.messages(&conversation).await[1], answer);
    });
}

/// Writes until nothing more fits.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for block in [64 * 1024, 4096, 1] {
        let bytes = vec![0; block];
        while file.write_all(&bytes).is_ok() {}
    }
}
