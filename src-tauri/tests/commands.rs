//! What comes from the page reaches a command in an `Arg` alone, so that what does not fit is answered with a code.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

#[test]
fn every_argument_of_every_command_is_an_arg() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands");
    let mut arguments = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for command in text.split("#[tauri::command]").skip(1) {
            let (_, from) = command
                .split_once("pub async fn ")
                .expect("a command is a function");
            let (signature, _) = from.split_once(") -> Answer<").expect("a command answers");
            let (name, list) = signature.split_once('(').unwrap();
            // A comma inside of brackets separates no arguments, and no argument of those begins with a name and a colon.
            for argument in list.split(',').filter(|argument| argument.contains(": ")) {
                let (_, kind) = argument.trim().split_once(": ").unwrap();
                let is_ours = kind.starts_with("State<") || kind == "AppHandle";
                assert!(is_ours || kind.starts_with("Arg<"), "{name}: {argument}");
                arguments += usize::from(!is_ours);
            }
        }
    }
    assert!(arguments > 80, "the arguments are found: {arguments}");
}
