//! An answer that is read in passing: the same in pieces of any size, and a place to cut it that lies within it.

use brasskey_metering::Usage;
use brasskey_providers::{BodyKind, Endpoint, Meter};

use crate::answer::parts;

/// What a meter has to say in the end.
#[derive(Debug, PartialEq)]
struct Read {
    usage: Usage,
    whole: Option<bool>,
    text_bytes: u64,
    request_id: Option<String>,
}

fn read(endpoint: &Endpoint, kind: BodyKind, bytes: &[u8], size: usize) -> Read {
    let mut meter = Meter::new(endpoint, kind);
    for piece in bytes.chunks(size) {
        let end = meter.read(piece);
        assert!(end.is_none_or(|end| end <= piece.len()), "{end:?}");
    }
    meter.close();
    Read {
        usage: meter.usage().clone(),
        whole: meter.whole(),
        text_bytes: meter.text_bytes(),
        request_id: meter.request_id().map(str::to_owned),
    }
}

pub(crate) fn check(input: &[u8]) {
    let Some((endpoint, size, bytes)) = parts(input) else {
        return;
    };
    for kind in [BodyKind::Events, BodyKind::Json, BodyKind::Encoded] {
        let whole = read(&endpoint, kind, bytes, bytes.len().max(1));
        let cut = read(&endpoint, kind, bytes, size);
        assert_eq!(whole, cut, "{kind:?} in pieces of {size}");
        assert!(whole.text_bytes <= bytes.len() as u64, "{whole:?}");
    }
}
