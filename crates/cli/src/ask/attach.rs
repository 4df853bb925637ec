//! What is asked about: texts become part of the question, pictures and PDFs go with it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use brasskey_providers::{Attachment, Media, Message, Role};

use super::{NotAsked, not_asked};

/// The most bytes of one attachment: no provider takes more in a request.
const LONGEST: u64 = 32 * 1024 * 1024;

/// Whether what is piped in is meant.
pub(super) fn is_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The message with what is attached to it.
pub(super) fn with(question: String, attached: &[impl AsRef<Path>]) -> Result<Message, NotAsked> {
    let mut texts = String::new();
    let mut message = Message::new(Role::User, "");
    for path in attached.iter().map(AsRef::as_ref) {
        let name = if is_input(path) {
            "input".to_owned()
        } else {
            let name = path.file_name().unwrap_or(path.as_os_str());
            name.to_string_lossy().into_owned()
        };
        let data = read(path)
            .map_err(|error| not_asked(format!("{} cannot be read: {error}", path.display())))?;
        if data.len() as u64 > LONGEST {
            return Err(not_asked(format!("{name} is larger than 32 MB")));
        }
        if let Some(media) = Media::of(&data) {
            message.attachments.push(Attachment {
                name,
                media,
                data: data.into(),
            });
        } else if let Ok(text) = String::from_utf8(data) {
            texts.push_str(&format!("{name}:\n\n{}\n\n", text.trim_end()));
        } else {
            return Err(not_asked(format!(
                "{name} is neither text nor a JPEG, PNG, GIF, WebP or PDF file"
            )));
        }
    }
    message.text = texts + &question;
    Ok(message)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    if is_input(path) {
        io::stdin().take(LONGEST + 1).read_to_end(&mut data)?;
    } else {
        File::open(path)?.take(LONGEST + 1).read_to_end(&mut data)?;
    }
    Ok(data)
}
