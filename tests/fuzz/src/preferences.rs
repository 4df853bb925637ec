//! The file of the window's preferences, whoever wrote it: what is not known is the default, and what is read is written back
//! as itself.

use brasskey_app::settings::view::Preferences;

pub(crate) fn check(input: &[u8]) {
    let Ok(read) = serde_json::from_slice::<Preferences>(input) else {
        return;
    };
    let written = serde_json::to_vec(&read).unwrap_or_default();
    assert_eq!(
        serde_json::from_slice::<Preferences>(&written).ok(),
        Some(read)
    );
}
